import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { type Behaviour, distorts, resets, sends } from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, SHORT_DEADLINE_MS, told, wholeRegion } from './gateway-stack.ts';

const IDS = ['r1', 'r2', 'r3'];
const left = leftovers();
let stack: GatewayStack;
let fresh: GatewayStack; // a door that gave nothing of use is not asked for a while: each test of those has its own

beforeAll(async () => {
  stack = await aGateway(IDS, left, { doors: true });
});
afterEach(() => stack.reset());

const plansOf = (of: GatewayStack): Record<string, number> =>
  Object.fromEntries(Object.values(of.regions).map(({ id, plans }) => [id, plans.length]));

describe('steps that stay in one region', () => {
  it('travel as one request to its edge door', async () => {
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(errors).toEqual([]);
    expect(data.regions.nodes).toEqual(IDS.map(wholeRegion));
    expect(plansOf(stack)).toEqual({ r1: 1, r2: 1, r3: 1 });
    expect(stack.requests).toEqual([]);
  });

  it('travel so however deep they go, with arguments, conditions and lists of lists', async () => {
    const query = `query($first: Int, $with: Boolean!) {
      regions { nodes { alarms(first: $first) { nodes { severity host { hostname software @include(if: $with) { release } } } } } }
    }`;
    const { data, errors } = await stack.ask(query, { first: 5, with: true });
    expect(errors).toEqual([]);
    expect(data.regions.nodes[2].alarms.nodes[1]).toEqual({
      severity: 'MAJOR',
      host: { hostname: 'worker-0', software: { release: 'release of r3/worker-0' } },
    });
    expect(plansOf(stack)).toEqual({ r1: 1, r2: 1, r3: 1 });
    expect(stack.requests).toEqual([]);
    const without = await stack.ask(query, { with: false });
    expect(without.data.regions.nodes[0].alarms.nodes[0].host).toEqual({ hostname: 'controller-0' });
  });

  it('travel so from root fields on, each region with its own', async () => {
    const { data, errors } = await stack.ask(`{
      host(id: "r1/worker-0") { hostname software { release } alarms { nodes { severity } } }
      other: host(id: "r2/worker-0") { hostname software { release } }
      alarm(id: "r1/on-worker-0") { reasonText host { hostname } }
      bad: host(id: "nonsense") { hostname }
    }`);
    expect(data).toEqual({
      host: {
        hostname: 'worker-0',
        software: { release: 'release of r1/worker-0' },
        alarms: { nodes: [{ severity: 'MAJOR' }] },
      },
      other: { hostname: 'worker-0', software: { release: 'release of r2/worker-0' } },
      alarm: { reasonText: 'reason of r1/on-worker-0', host: { hostname: 'worker-0' } },
      bad: null,
    });
    expect(told(errors)).toEqual(['BAD_USER_INPUT  bad']);
    expect(plansOf(stack)).toEqual({ r1: 1, r2: 1, r3: 0 });
    expect(stack.requests).toEqual([]);
  });

  it('are asked of the subgraph itself when there is only one, until the door is known to write answers', async () => {
    const query = '{ regions { nodes { alarms { totalCount } } } }';
    fresh = await aGateway(IDS, left, { doors: true });
    const atFirst = await fresh.ask(query);
    expect(plansOf(fresh)).toEqual({ r1: 0, r2: 0, r3: 0 });
    expect(fresh.requests).toHaveLength(3);
    await fresh.ask(FLEET_QUERY);
    expect(await fresh.ask(query)).toMatchObject({ data: atFirst.data, errors: [] });
    expect(plansOf(fresh)).toEqual({ r1: 2, r2: 2, r3: 2 });
    expect(fresh.requests).toHaveLength(3);
    await fresh.close();
  });

  it('never hold a mutation', async () => {
    const { errors } = await stack.ask(
      'mutation { acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id host { hostname software { release } } } } }',
    );
    expect(errors).toEqual([]);
    expect(stack.requests[0]).toMatchObject({ region: 'r1', subgraph: 'faults' });
  });

  it('tell the errors of a subgraph at their places', async () => {
    const { data, errors } = await stack.ask(
      '{ regions { nodes { alarms { nodes { host { hostname } history { totalCount } } } hosts { totalCount } } } }',
    );
    expect(data.regions.nodes[1].hosts).toEqual({ totalCount: 2 });
    // the stub's regions know nothing of a history, which is nullable: no error, and null
    expect(errors).toEqual([]);
    expect(data.regions.nodes[1].alarms.nodes[0]).toEqual({ host: { hostname: 'controller-0' }, history: null });
  });
});

describe('how an answer came about', () => {
  it('is told to whoever asks for it, and to nobody else', async () => {
    const explained = await fetch(stack.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'murmuration-explain': '1' },
      body: JSON.stringify({ query: FLEET_QUERY }),
    }).then(answer => answer.json());
    const asked = explained.extensions.plan.map(
      (step: Record<string, unknown>) => `${step['asked']} ${step['region']}`,
    );
    expect(asked.sort()).toEqual(['edge door r1', 'edge door r2', 'edge door r3', 'fleet null']);
    expect(explained.extensions.plan[0]).toMatchObject({ requestBytes: expect.any(Number), ms: expect.any(Number) });
    const plain = await fetch(stack.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: FLEET_QUERY }),
    }).then(answer => answer.json());
    expect(plain.extensions).toBeUndefined();
  });
});

describe('identical queries at the same time', () => {
  it('are one execution', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => stack.ask(FLEET_QUERY)));
    expect(answers.every(({ data }) => JSON.stringify(data) === JSON.stringify(answers[0]!.data))).toBe(true);
    expect(plansOf(stack)['r1']).toBeLessThan(10);
  });
});

/** The honest answer of a door with something changed in its first object. */
// biome-ignore lint/suspicious/noExplicitAny: a test reaches into an answer as it likes
const atDoor = (change: (root: any) => unknown): Behaviour =>
  distorts(answer => {
    change(answer.data.roots[0]);
    return answer;
  });

describe('a region whose door', () => {
  const cases: [string, Behaviour][] = [
    ['is not there', sends(404, '')],
    ['is not there, told as errors', sends(404, '{"errors":[{"message":"x","extensions":{"code":"NOT_FOUND"}}]}')],
    ['answers garbage', sends(200, 'hello')],
    ['answers for too few objects', sends(200, '{"data":{"roots":[]}}')],
    ['answers out of shape', atDoor(root => (root.hosts.nodes = { id: 'r2/worker-0' }))],
    ['answers out of shape deep within', atDoor(root => (root.hosts.nodes[1].alarms = ['many']))],
    ['answers for another object', atDoor(root => (root.id = 'r1'))],
    ['answers with another type', atDoor(root => (root.__typename = 'Host'))],
    ['refuses the plan', sends(400, '{"errors":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}')],
  ];
  it.each(cases)('%s is asked step by step', async (_what, behaviour) => {
    fresh = await aGateway(['r1', 'r2'], left, { doors: true });
    fresh.regions['r2']!.behaveAtDoor(behaviour);
    const { data, errors } = await fresh.ask(FLEET_QUERY);
    expect(errors).toEqual([]);
    expect(data.regions.nodes).toEqual(['r1', 'r2'].map(wholeRegion));
    expect(fresh.requests.map(({ region }) => region)).toEqual(['r2', 'r2', 'r2']);
    await fresh.close();
  });

  it.each<[string, Behaviour]>([
    ['in the root field', atDoor(root => (root.host.hostname = ['x']))],
    ['below it', atDoor(root => (root.host.software = 'x'))],
  ])('answers out of shape %s is asked step by step', async (_where, behaviour) => {
    fresh = await aGateway(['r1'], left, { doors: true });
    fresh.regions['r1']!.behaveAtDoor(behaviour);
    const { data, errors } = await fresh.ask('{ host(id: "r1/worker-0") { hostname software { release } } }');
    expect(errors).toEqual([]);
    expect(data.host).toEqual({ hostname: 'worker-0', software: { release: 'release of r1/worker-0' } });
    expect([plansOf(fresh)['r1'], fresh.requests.length]).toEqual([1, 2]);
    await fresh.close();
  });

  it.each<[string, Behaviour]>([
    ['is not there', sends(404, '')],
    ['answers for another object', atDoor(root => (root.id = 'r2'))],
  ])('%s is not tried each time', async (_what, behaviour) => {
    fresh = await aGateway(['r1'], left, { doors: true });
    fresh.regions['r1']!.behaveAtDoor(behaviour);
    await fresh.ask(FLEET_QUERY);
    await fresh.ask(FLEET_QUERY);
    expect(plansOf(fresh)).toEqual({ r1: 1 });
    expect(fresh.requests).toHaveLength(6);
    await fresh.close();
  });

  it.each<[string, Behaviour, string]>([
    ['resets the connection', resets, 'REGION_UNREACHABLE'],
    ['hangs', () => undefined, 'REGION_TIMEOUT'],
  ])('%s costs its own fields once, and is not asked again', async (_what, behaviour, code) => {
    fresh = await aGateway(['r1', 'r2'], left, { doors: true, regionDeadlineMs: SHORT_DEADLINE_MS });
    fresh.regions['r2']!.behaveAtDoor(behaviour);
    const { data, errors } = await fresh.ask(FLEET_QUERY);
    expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...wholeRegion('r2'), hosts: null }]);
    expect(told(errors)).toEqual([`${code} r2 regions.nodes.1.hosts`]);
    expect(fresh.requests).toEqual([]);
    await fresh.close();
  });
});

/** The honest answer of a door, which is in shape, as another text. */
const rewrites =
  (change: (text: string) => string | Buffer): Behaviour =>
  async exchange => {
    const text = JSON.stringify(await exchange.honest());
    expect(text).toContain('"shaped":[["r2",');
    const changed = change(text);
    expect(changed).not.toBe(text);
    await sendsBytes(changed)(exchange);
  };

const sendsBytes =
  (body: string | Buffer): Behaviour =>
  ({ res }) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(body);
  };

describe('a door that writes its part of the answer', () => {
  it('does so once it said that it can, and has the plan sent once', async () => {
    fresh = await aGateway(['r1'], left, { doors: true });
    const answers = [await fresh.ask(FLEET_QUERY), await fresh.ask(FLEET_QUERY), await fresh.ask(FLEET_QUERY)];
    for (const { data, errors } of answers) {
      expect(errors).toEqual([]);
      expect(data.regions.nodes).toEqual([wholeRegion('r1')]);
    }
    expect(fresh.regions['r1']!.doorRequests.map(request => Object.keys(request).sort())).toEqual([
      ['plan', 'roots', 'variables'],
      ['plan', 'roots', 'shape', 'variables'],
      ['known', 'roots', 'variables'],
    ]);
    expect(fresh.requests).toEqual([]);
    await fresh.close();
  });

  it('gets the plan again when it has forgotten it', async () => {
    fresh = await aGateway(['r1'], left, { doors: true });
    for (let i = 0; i < 3; i++) await fresh.ask(FLEET_QUERY);
    fresh.regions['r1']!.forgetPlans();
    expect((await fresh.ask(FLEET_QUERY)).data.regions.nodes).toEqual([wholeRegion('r1')]);
    expect(fresh.regions['r1']!.doorRequests.slice(-2).map(request => Object.keys(request)[0])).toEqual([
      'known',
      'plan',
    ]);
    expect(fresh.requests).toEqual([]);
    await fresh.close();
  });

  it('gives every client the same bytes, with aliases, type names and nulls', async () => {
    fresh = await aGateway(IDS, left, { doors: true });
    const query = `{ regions { nodes { __typename named: name
      all: alarms { __typename nodes { id: severity kind: __typename host { software { release } hostname hostname } } pageInfo { endCursor } } } } }`;
    const first = await fresh.ask(query);
    const second = await fresh.ask(query);
    expect(JSON.stringify(second.data)).toBe(JSON.stringify(first.data));
    expect(fresh.regions['r3']!.doorRequests.at(-1)).toHaveProperty('shape');
    await fresh.close();
  });

  it.each<[string, Behaviour]>([
    ['no JSON', rewrites(text => text.slice(0, -20))],
    ['more than was asked', rewrites(text => `${text}{}`)],
    [
      'bytes that are no UTF-8',
      rewrites(text => Buffer.from(text.replace('controller-0', 'controller-\u00ff'), 'latin1')),
    ],
    ['another object', rewrites(text => text.replace('[["r2"', '[["r1"'))],
    ['an object too many', rewrites(text => text.replace(/\[(\[.*\])\]/, '[$1,$1]'))],
    ['a key of its own', rewrites(text => text.replace('"personality"', '"__proto__"'))],
    ['a value that the schema has not', rewrites(text => text.replace('"CONTROLLER"', '"KING"'))],
    ['null where none may be', rewrites(text => text.replace(/"alarmId":"[^"]*"/, '"alarmId":null'))],
    ['a text that is none', rewrites(text => text.replace('cpu of', 'cpu \n of'))],
    ['a mark of the gateway', rewrites(text => text.replace('cpu of', '\u00000\u0000'))],
  ])('and writes %s is asked step by step', async (_what, behaviour) => {
    fresh = await aGateway(['r1', 'r2'], left, { doors: true });
    await fresh.ask(FLEET_QUERY);
    fresh.regions['r2']!.behaveAtDoor(behaviour);
    const { data, errors } = await fresh.ask(FLEET_QUERY);
    expect(errors).toEqual([]);
    expect(data.regions.nodes).toEqual(['r1', 'r2'].map(wholeRegion));
    expect(fresh.requests.map(({ region }) => region)).toEqual(['r2', 'r2', 'r2']);
    await fresh.close();
  });

  it('is believed when it says that it no longer knows how', async () => {
    fresh = await aGateway(['r1'], left, { doors: true });
    await fresh.ask(FLEET_QUERY);
    fresh.regions['r1']!.behaveAtDoor(
      sends(400, '{"errors":[{"message":"no","extensions":{"code":"BAD_USER_INPUT"}}]}'),
    );
    expect((await fresh.ask(FLEET_QUERY)).data.regions.nodes).toEqual([wholeRegion('r1')]);
    fresh.reset();
    expect((await fresh.ask(FLEET_QUERY)).data.regions.nodes).toEqual([wholeRegion('r1')]);
    expect(Object.keys(fresh.regions['r1']!.doorRequests[0]!).sort()).toEqual(['plan', 'roots', 'variables']);
    await fresh.close();
  });
});
