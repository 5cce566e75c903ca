import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EdgeSubgraph } from '../../../schema/sources.ts';
import { leftovers } from '../../support/leftovers.ts';
import { withMore, without } from '../../support/releases.ts';
import { sends } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, told, wholeRegion } from './gateway-stack.ts';
import { aSocket } from './socket-client.ts';

const left = leftovers();
const IDS = ['r1', 'r2', 'r3'];
let stack: GatewayStack;

beforeEach(async () => {
  stack = await aGateway(IDS, left);
});
afterEach(() => stack.close());

const report = (changes: Readonly<Record<string, Record<string, string>>> = {}): void =>
  stack.fleet.setRegions(
    Object.values(stack.regions).map(({ id, endpoint, reports }) => ({
      id,
      endpoint,
      schemas: { ...reports(), ...changes[id] },
    })),
  );
/** The directory is a stream: its news are there once the gateway acts on them. */
const sdlAsked = (region?: string): number =>
  stack.requests.filter(asked => asked.query === '{ _service { sdl } }' && (!region || asked.region === region)).length;
const runs = (region: string, subgraph: EdgeSubgraph, sdl: string): void => {
  stack.regions[region]!.runs(subgraph, sdl);
  report();
};
const until = (what: string, query: string, codes: readonly string[]) =>
  eventually(what, async () => {
    const answer = await stack.ask(query);
    return JSON.stringify(told(answer.errors)) === JSON.stringify(codes) ? answer : null;
  });
const CPU = '{ regions { nodes { id hosts { nodes { id hostname cpu { model } } } } } }';
const BEHIND = 'REGION_SCHEMA_BEHIND r2';

describe('a region on an older release', () => {
  it('answers what it knows; what it does not know is null, with one error a field', async () => {
    runs('r2', 'inventory', without('inventory', 'Host.cpu', 'Host.personality'));
    const { data, errors } = await until('r2 is behind', FLEET_QUERY, [
      `${BEHIND} regions.nodes.1.hosts.nodes.0.cpu`,
      `${BEHIND} regions.nodes.1.hosts.nodes.0.personality`,
    ]);
    const whole = wholeRegion('r2');
    const nodes = whole.hosts.nodes.map(host => ({ ...host, cpu: null, personality: null }));
    expect(data.regions.nodes).toEqual([wholeRegion('r1'), { ...whole, hosts: { nodes } }, wholeRegion('r3')]);
    expect(errors[0]?.extensions).toMatchObject({ count: 2, region: 'r2' });
    expect(errors.map(error => error.extensions['field']).sort()).toEqual(['Host.cpu', 'Host.personality']);
    expect(errors[0]?.message).toContain('Region r2 runs another release');
  });

  it('is asked for its schema once, however many queries and regions run it', async () => {
    for (const id of ['r1', 'r2']) stack.regions[id]!.runs('inventory', without('inventory', 'Host.cpu'));
    report();
    const codes = ['r1', 'r2'].map((id, i) => `REGION_SCHEMA_BEHIND ${id} regions.nodes.${i}.hosts.nodes.0.cpu`);
    await until('both are behind', CPU, codes);
    const before = sdlAsked();
    expect(before).toBeGreaterThan(0);
    for (const query of [CPU, FLEET_QUERY, '{ host(id: "r1/worker-0") { cpu { model } } }']) await stack.ask(query);
    expect(sdlAsked()).toBe(before);
    expect(sdlAsked('r3')).toBe(0);
  });

  it('is not asked at all for what it knows nothing of', async () => {
    runs('r2', 'faults', without('faults', 'Region.alarms'));
    const query = '{ regions { nodes { id alarms { totalCount } } } }';
    await until('r2 is behind', query, [`${BEHIND} regions.nodes.1.alarms`]);
    stack.reset();
    const { data } = await stack.ask(query);
    expect(data.regions.nodes[1]).toEqual({ id: 'r2', alarms: null });
    expect(stack.regions['r2']!.requests).toEqual([]);
  });

  it('without a field that may not be null loses the nearest parent that may be', async () => {
    runs('r2', 'inventory', without('inventory', 'CpuTopology.model'));
    const { data } = await until('r2 is behind', CPU, [`${BEHIND} regions.nodes.1.hosts.nodes.0.cpu.model`]);
    expect(data.regions.nodes[1].hosts.nodes).toEqual(
      ['controller-0', 'worker-0'].map(name => ({ id: `r2/${name}`, hostname: name, cpu: null })),
    );
  });

  it('says of a mutation that it does not know it, and sends nothing', async () => {
    runs('r2', 'faults', without('faults', 'Mutation.acknowledgeAlarm'));
    await until('r2 is behind', 'mutation { acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } } }', [
      `${BEHIND} acknowledgeAlarm`,
    ]);
  });

  it('that nobody has heard of yet is found out by its refusal', async () => {
    stack.regions['r2']!.runs('inventory', without('inventory', 'Host.cpu'));
    const { data, errors } = await stack.ask(CPU);
    expect(told(errors)).toEqual([`${BEHIND} regions.nodes.1.hosts.nodes.0.cpu`]);
    expect(data.regions.nodes[1].hosts.nodes[0]).toEqual({
      id: 'r2/controller-0',
      hostname: 'controller-0',
      cpu: null,
    });
    await stack.ask(CPU);
    expect(sdlAsked('r2')).toBe(1);
  });
});

describe('a region on a newer release', () => {
  it('answers as any other: what the centre does not know is never asked', async () => {
    runs('r2', 'inventory', withMore('inventory', 'extend type Host { antenna: String! } enum Colour { RED }'));
    await eventually('its schema is read', async () => {
      const { data, errors } = await stack.ask(FLEET_QUERY);
      expect(errors).toEqual([]);
      expect(data.regions.nodes).toEqual(IDS.map(wholeRegion));
      return sdlAsked('r2') > 0;
    });
    expect(sdlAsked()).toBe(1);
  });
});

describe('a region that says something false of its schema', () => {
  it('speaks for itself only', async () => {
    const old = without('inventory', 'Host.cpu');
    stack.regions['r1']!.runs('inventory', old);
    stack.regions['r2']!.behave(
      sends(200, JSON.stringify({ data: { _service: { sdl: 'type Query { nothing: Int }' } } })),
      'inventory',
    );
    report({ r2: { inventory: stack.regions['r1']!.reports()['inventory']! } });
    const { data } = await eventually('r1 is behind', async () => {
      const answer = await stack.ask(CPU);
      return told(answer.errors).some(error => error.startsWith('REGION_SCHEMA_BEHIND r1')) ? answer : null;
    });
    expect(data.regions.nodes[0].hosts.nodes[0]).toEqual({
      id: 'r1/controller-0',
      hostname: 'controller-0',
      cpu: null,
    });
    expect(data.regions.nodes[1]).toEqual({ id: 'r2', hosts: null });
  });

  it.each(['type Query {', '"', '{}'])('that is no SDL: %s', async sdl => {
    stack.regions['r2']!.behave(sends(200, JSON.stringify({ data: { _service: { sdl } } })), 'inventory');
    report({ r2: { inventory: 'abcdef0123456789' } });
    const { data } = await until('r2 is left out', CPU, ['REGION_UNREACHABLE r2 regions.nodes.1.hosts']);
    expect(data.regions.nodes[0].hosts.nodes).toHaveLength(2);
  });
});

describe('a release that rolls over the regions', () => {
  it('ends no subscription, loses no event, and leaves the fleet whole', async () => {
    for (const id of IDS) stack.regions[id]!.runs('inventory', without('inventory', 'Host.cpu'));
    report();
    const socket = aSocket(stack.url);
    left.add(() => socket.close());
    const feed = socket.run('subscription { alarmFeed { cursor alarm { id host { id cpu { model } } } } }');
    await eventually('the feed is open', () => stack.fleet.openFeeds() === 1);
    let cursor = 0;
    const emit = async (region: string): Promise<void> => {
      stack.fleet.emit({ kind: 'RAISED', region, cursor: String(++cursor) });
      await feed.until(cursor);
    };
    for (const id of IDS) await emit(id);
    for (const id of IDS) {
      runs(id, 'inventory', withMore('inventory', 'extend type Host { antenna: String }'));
      for (const other of IDS) await emit(other);
    }
    await until('the fleet is whole', CPU, []);
    for (const id of IDS) await emit(id);
    expect(feed.results.map(result => result.data?.['alarmFeed'].cursor)).toEqual(
      Array.from({ length: cursor }, (_, i) => String(i + 1)),
    );
    expect(feed.results.slice(0, 3).map(({ errors }) => errors?.[0]?.extensions['code'])).toEqual(
      IDS.map(() => 'REGION_SCHEMA_BEHIND'),
    );
    expect(feed.results.slice(-3).map(({ data }) => data?.['alarmFeed'].alarm.host.cpu)).toEqual(
      IDS.map(id => ({ model: `cpu of ${id}/worker-0` })),
    );
  });
});
