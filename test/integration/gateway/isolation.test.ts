import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { type Behaviour, breaksOff, distorts, hangs, sends } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, SHORT_DEADLINE_MS, told, wholeRegion } from './gateway-stack.ts';

const left = leftovers();
const IDS = Array.from({ length: 20 }, (_, i) => `r${i + 1}`);
const DEAD: Readonly<Record<string, Behaviour>> = { r7: hangs, r13: breaksOff };

describe('a wide query with a tenth of its regions dead', () => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(IDS, left, { regionDeadlineMs: 2 * SHORT_DEADLINE_MS });
    await stack.ask(FLEET_QUERY); // the first request is slow, and its deadline is not in question
    stack.reset();
    for (const [id, behaviour] of Object.entries(DEAD)) stack.regions[id]!.behave(behaviour);
  });

  it('costs their fields only, and asks each of them once', async () => {
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(data.regions.nodes).toEqual(
      IDS.map(id => (id in DEAD ? { ...wholeRegion(id), hosts: null } : wholeRegion(id))),
    );
    expect(told(errors)).toEqual([
      'REGION_TIMEOUT r7 regions.nodes.6.hosts',
      'REGION_UNREACHABLE r13 regions.nodes.12.hosts',
    ]);
    for (const id of Object.keys(DEAD)) expect(stack.regions[id]!.requests).toHaveLength(1);
  });

  it('after a few times waits for none of them, and says why', async () => {
    await stack.ask(FLEET_QUERY);
    await stack.ask(FLEET_QUERY);
    const asked = () => stack.regions['r7']!.requests.filter(({ query }) => query !== '{__typename}').length;
    expect(asked()).toBe(3);
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(asked()).toBe(3);
    expect(data.regions.nodes[5]).toEqual(wholeRegion('r6'));
    expect(told(errors)).toEqual(
      ['r13', 'r7'].map(id => `REGION_UNREACHABLE ${id} regions.nodes.${IDS.indexOf(id)}.hosts`),
    );
    expect(errors.find(error => error.extensions['region'] === 'r7')?.extensions['reason']).toMatch(
      /failed too often \(no answer within/,
    );
  });

  it('has them back by itself once they live', async () => {
    stack.reset();
    await eventually('all regions are whole', async () => (await stack.ask(FLEET_QUERY)).errors.length === 0);
  });
});

describe.each(['murmuration', 'apollo'] as const)('by the engine %s', engine => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2', 'r3'], left, { gateway: { engine } });
  });
  afterEach(() => stack.reset());

  const HOSTS = '{ regions { nodes { id hosts { nodes { id hostname alarms { nodes { severity } } } } } } }';
  const whole = (id: string) => {
    const nodes = ['controller-0', 'worker-0'].map(name => ({
      id: `${id}/${name}`,
      hostname: name,
      alarms: { nodes: [{ severity: 'MAJOR' }] },
    }));
    return { id, hosts: { nodes } };
  };

  it.each<[string, Behaviour]>([
    ['a number for an entity', sends(200, '{"data":{"_entities":[7]}}')],
    ['a list for an entity', sends(200, '{"data":{"_entities":[[]]}}')],
    ['a string for the list of entities', sends(200, '{"data":{"_entities":"r2"}}')],
  ])('a region that answers %s costs only its own fields', async (_what, behaviour) => {
    stack.regions['r2']!.behave(behaviour, 'inventory');
    const { data, errors } = await stack.ask(HOSTS);
    expect(data.regions.nodes).toEqual([whole('r1'), { id: 'r2', hosts: null }, whole('r3')]);
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
  });

  it('a region that answers for another entity than was asked for is not believed', async () => {
    stack.regions['r2']!.behave(
      distorts(answer => {
        answer.data._entities.reverse();
        return answer;
      }),
      'faults',
    );
    const { data, errors } = await stack.ask(HOSTS);
    const hosts = whole('r2').hosts.nodes.map(host => ({ ...host, alarms: null }));
    expect(data.regions.nodes).toEqual([whole('r1'), { id: 'r2', hosts: { nodes: hosts } }, whole('r3')]);
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts.nodes.0.alarms']);
    expect(errors[0]?.message).toContain('answered for r2/worker-0 where r2/controller-0 was asked for');
  });

  it.each<[string, unknown]>([
    ['a string for a list', { nodes: 'many' }],
    ['a string for an object', 'many'],
    ['an object for a list', { nodes: { id: 'r2/worker-0' } }],
    ['numbers in a list of objects', { nodes: [1, 2] }],
    ['a list for an object', [{ nodes: [] }]],
  ])('a region that answers %s deep within costs only its own fields', async (_what, hosts) => {
    stack.regions['r2']!.behave(
      distorts(answer => {
        answer.data._entities[0].hosts = hosts;
        return answer;
      }),
      'inventory',
    );
    const { status, data, errors } = await stack.ask(HOSTS);
    expect(status).toBe(200);
    expect(data.regions.nodes[0]).toEqual(whole('r1'));
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
    expect(data.regions.nodes[1]).toEqual({ id: 'r2', hosts: null });
    expect(data.regions.nodes[2]).toEqual(whole('r3'));
  });

  it('a root field that is answered out of shape costs that region only', async () => {
    stack.regions['r2']!.behave(
      distorts(answer => {
        answer.data.host.cpu = [{ model: 'x' }];
        return answer;
      }),
      'inventory',
    );
    const { data, errors } = await stack.ask(
      '{ host(id: "r2/worker-0") { hostname cpu { model } } other: host(id: "r1/worker-0") { hostname } }',
    );
    expect(data).toEqual({ host: null, other: { hostname: 'worker-0' } });
    expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 host']);
    expect(errors[0]?.message).toContain('answered a list where cpu is an object');
  });
});

describe('a client that goes away', () => {
  it('takes back what its request asked of the regions', async () => {
    const stack = await aGateway(['r1', 'r2'], left, { regionDeadlineMs: 600_000 }); // no deadline takes them back
    const given: Promise<unknown>[] = [];
    for (const region of Object.values(stack.regions))
      region.behave(({ req }) => {
        given.push(once(req.socket, 'close'));
      });
    const client = new AbortController();
    const asked = fetch(stack.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: FLEET_QUERY }),
      signal: client.signal,
    });
    await eventually('both regions are asked', () => given.length === 2);
    client.abort();
    await expect(asked).rejects.toThrow();
    await Promise.all(given);
    stack.reset();
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(errors).toEqual([]);
    expect(data.regions.nodes).toEqual(['r1', 'r2'].map(wholeRegion));
  });
});
