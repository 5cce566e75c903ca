// What a gateway tells of its doors, its engine and its directory, read at its door.
import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { scrape } from '../../support/metrics.ts';
import { honestly, sends } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, type GatewayStack } from './gateway-stack.ts';

const left = leftovers();
let stack: GatewayStack;

beforeAll(async () => {
  stack = await aGateway(['r1', 'r2', 'r3'], left, {
    gateway: { edgeDoors: false, circuitFailures: 2, circuitPauseMs: 60_000, circuitLongestPauseMs: 60_000 },
  });
});

const host = (region: string): string => `{ host(id: "${region}/worker-0") { hostname } }`;
const inventoryOf = (region: string) => ({ region, subgraph: 'inventory' });

describe('the metrics of a gateway', () => {
  it('count what each door was sent, what it answered and how long that took', async () => {
    for (const _ of [1, 2, 3]) await stack.ask(host('r1'));
    const { value, text } = await scrape(stack.url);
    const door = inventoryOf('r1');
    expect(value('murmuration_door_requests_total', door)).toBe(3);
    expect(value('murmuration_door_circuit', door)).toBe(0);
    expect([value('murmuration_door_under_way', door), value('murmuration_door_waiting', door)]).toEqual([0, 0]);
    expect(value('murmuration_door_sent_characters_total', door)).toBeGreaterThan(30);
    expect(value('murmuration_door_received_bytes_total', door)).toBeGreaterThan(30);
    expect(text).toContain('# TYPE murmuration_door_duration_seconds histogram');
    expect(value('murmuration_door_duration_seconds_count', door)).toBe(3);
    expect(value('murmuration_door_duration_seconds_bucket', { ...door, le: '+Inf' })).toBe(3);
    const bounds = ['0.002', '0.05', '5', '+Inf'];
    const buckets = bounds.map(le => value('murmuration_door_duration_seconds_bucket', { ...door, le })!);
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b)); // each holds those before it
    expect(value('murmuration_door_duration_seconds_sum', door)).toBeGreaterThan(0);
  });

  it('tell failures by kind and what the circuit makes of them', async () => {
    stack.regions['r2']!.behave(sends(200, 'no JSON'));
    await stack.ask(host('r2'));
    const ill = await scrape(stack.url);
    expect(ill.value('murmuration_door_failures_total', { ...inventoryOf('r2'), kind: 'unusable' })).toBe(1);
    expect(ill.labels('murmuration_door_failures_total', 'kind')).toEqual(['unusable']);
    await stack.regions['r2']!.close();
    for (const _ of [1, 2, 3]) await stack.ask(host('r2'));
    const { value } = await scrape(stack.url);
    expect(value('murmuration_door_circuit', inventoryOf('r2'))).toBe(2);
    expect(value('murmuration_door_failures_total', { ...inventoryOf('r2'), kind: 'unreachable' })).toBe(2);
    expect(value('murmuration_door_failures_total', { ...inventoryOf('r2'), kind: 'circuit-open' })).toBe(1);
  });

  it('tell a request that is under way, and one of the fleet subgraph', async () => {
    let answer = (): void => undefined;
    stack.regions['r1']!.behave(async exchange => {
      await new Promise<void>(resolve => {
        answer = resolve;
      });
      await honestly(exchange);
    });
    const asked = stack.ask('{ regions { nodes { id } } host(id: "r1/worker-0") { id hostname } }');
    await eventually('one under way', async () => {
      const { value } = await scrape(stack.url);
      return value('murmuration_door_under_way', inventoryOf('r1')) === 1;
    });
    answer();
    await asked;
    stack.regions['r1']!.reset();
    const { value } = await scrape(stack.url);
    expect(value('murmuration_door_requests_total', { region: '', subgraph: 'fleet' })).toBe(1);
  });

  it('have no series but for regions of the directory, whatever was asked', async () => {
    await stack.ask(host('nowhere'));
    const regions = async () => (await scrape(stack.url)).labels('murmuration_door_requests_total', 'region').sort();
    expect(await regions()).toEqual(['', 'r1', 'r2']);
    const table = Object.values(stack.regions).map(({ id, endpoint }) => ({ id, endpoint }));
    stack.fleet.setRegions(table.filter(({ id }) => id !== 'r2'));
    await eventually('r2 has left', async () => !(await regions()).includes('r2'));
    expect(await regions()).toEqual(['', 'r1']);
    stack.fleet.setRegions(table);
    await eventually('r2 is back', async () => (await regions()).includes('r2'));
  });

  it('name the engine and its planner, and count operations and queries', async () => {
    const before = await scrape(stack.url);
    const query = '{ host(id: "r3/worker-0") { hostname personality } }';
    for (const _ of [1, 2, 3]) await stack.ask(query);
    const after = await scrape(stack.url);
    const grown = (name: string): number => after.value(name)! - before.value(name)!;
    expect(grown('murmuration_operations_kept')).toBe(1);
    expect(grown('murmuration_operation_misses_total')).toBe(1);
    expect(grown('murmuration_operation_hits_total')).toBe(2);
    expect(grown('murmuration_queries_started_total')).toBe(3);
    expect(grown('murmuration_queries_joined_total')).toBe(0);
    expect(after.labels('murmuration_engine_info', 'engine')).toEqual(['murmuration']);
    expect(after.labels('murmuration_engine_info', 'planner')[0]).toMatch(/\w/);
    expect(after.value('murmuration_engines_alive')).toBe(1);
  });

  it('tell whether the directory is followed, and what it holds', async () => {
    const { value } = await scrape(stack.url);
    expect(value('murmuration_directory_followed')).toBe(1);
    expect(value('murmuration_directory_regions', { contact: 'ONLINE' })).toBe(3);
    await stack.fleet.die();
    await eventually('the directory is silent', async () => {
      const silent = await scrape(stack.url);
      return silent.value('murmuration_directory_followed') === 0;
    });
    const silent = await scrape(stack.url);
    expect(silent.value('murmuration_directory_regions', { contact: 'ONLINE' })).toBe(3);
  });
});
