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
