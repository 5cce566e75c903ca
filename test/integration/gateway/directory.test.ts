import { beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { aRegion } from '../../support/stub-region.ts';
import { eventually } from '../../support/wait.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, told, wholeRegion } from './gateway-stack.ts';

const left = leftovers();

/** The code with which a host of the region is refused, or its hostname. */
const sightOf = async (stack: GatewayStack, region: string): Promise<unknown> => {
  const { data, errors } = await stack.ask(`{ host(id: "${region}/worker-0") { hostname } }`);
  return errors[0]?.extensions['code'] ?? data.host.hostname;
};

describe('the region directory, while the gateway runs', () => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2'], left);
  });
  const entries = () => Object.values(stack.regions).map(({ id, endpoint }) => ({ id, endpoint }));

  it('adds a region', async () => {
    const added = await aRegion('r3');
    left.add(() => added.close());
    expect(await sightOf(stack, 'r3')).toBe('REGION_UNKNOWN');
    stack.fleet.setRegions([...entries(), added]);
    await eventually('r3 answers', async () => (await sightOf(stack, 'r3')) === 'worker-0');
    const { data, errors } = await stack.ask(FLEET_QUERY);
    expect(errors).toEqual([]);
    expect(data.regions.nodes.map((region: { id: string }) => region.id)).toEqual(['r1', 'r2', 'r3']);
  });

  it('removes a region', async () => {
    stack.fleet.setRegions(entries().slice(1));
    await eventually('r1 is unknown', async () => (await sightOf(stack, 'r1')) === 'REGION_UNKNOWN');
    expect(await sightOf(stack, 'r2')).toBe('worker-0');
    expect((await stack.ready()).body.regions).toEqual({ r2: 'ONLINE' });
  });

  it('moves a region to another port', async () => {
    const moved = await aRegion('r2');
    left.add(() => moved.close());
    await stack.regions['r2']!.close();
    stack.fleet.setRegions([moved]);
    await eventually('r2 answers from its new place', async () => (await sightOf(stack, 'r2')) === 'worker-0');
    expect(moved.requests.length).toBeGreaterThan(0);
  });
});

describe.each(['murmuration', 'apollo'] as const)('a fleet service that dies, with engine %s', engine => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2'], left, { gateway: { engine } });
    await stack.fleet.die();
    await eventually('the gateway notices', async () => (await stack.ready()).body.fleet === 'silent');
  });

  it('leaves the last table, and the gateway ready', async () => {
    const { status, body } = await stack.ready();
    expect(status).toBe(200);
    expect(body).toMatchObject({ ready: true, fleet: 'silent', regions: { r1: 'ONLINE', r2: 'ONLINE' } });
  });

  it('costs no live answer of a region', async () => {
    const query = '{ host(id: "r1/worker-0") { hostname cpu { model } alarms { totalCount } } }';
    expect(await stack.ask(query)).toMatchObject({
      status: 200,
      data: { host: { hostname: 'worker-0', cpu: { model: 'cpu of r1/worker-0' }, alarms: { totalCount: 1 } } },
      errors: [],
    });
  });

  it('is told with a code at the field that needed it', async () => {
    const { status, data, errors } = await stack.ask('{ lost: region(id: "r1") { name hosts { totalCount } } }');
    expect(status).toBe(200);
    expect(data).toEqual({ lost: null });
    expect(told(errors)).toEqual(['FLEET_UNREACHABLE  lost']);
    expect(errors[0]?.message).toMatch(/^The fleet service cannot be reached: connection (refused|reset)\. /);
  });

  it('leaves the live part of a query that needs both, with the names that the gateway knows', async () => {
    const { data, errors } = await stack.ask(`{
      host(id: "r1/worker-0") { hostname region { id name called: name endpoint group { name }
        contact { state } management labels { key } addedAt } }
      alarm(id: "r2/on-worker-0") { region { name description } }
      region(id: "r2") { name }
    }`);
    const { endpoint } = stack.regions['r1']!;
    const region = {
      id: 'r1',
      name: 'Region r1',
      called: 'Region r1',
      endpoint,
      group: null,
      contact: null,
      management: null,
      labels: null,
      addedAt: null,
    };
    expect(data).toEqual({
      host: { hostname: 'worker-0', region },
      alarm: { region: { name: 'Region r2', description: null } },
      region: null,
    });
    expect(told(errors)).toEqual([
      'FLEET_UNREACHABLE  alarm.region.description',
      ...['addedAt', 'contact', 'group', 'labels', 'management'].map(
        field => `FLEET_UNREACHABLE  host.region.${field}`,
      ),
      'FLEET_UNREACHABLE  region',
    ]);
  });

  it('costs nothing where the names of regions are enough', async () => {
    const host = (id: string) => `host(id: "${id}") { hostname region { id name } }`;
    const { data, errors } = await stack.ask(`{ a: ${host('r1/worker-0')} b: ${host('r2/controller-0')} }`);
    expect(errors).toEqual([]);
    expect([data.a.region.name, data.b.region.name]).toEqual(['Region r1', 'Region r2']);
  });

  it('is told also for a list, which cannot be null', async () => {
    const { data, errors } = await stack.ask('{ regions { nodes { id } } }');
    expect(data).toBeNull();
    expect(told(errors)).toEqual(['FLEET_UNREACHABLE  regions']);
  });

  it('is followed again when it comes back', async () => {
    await stack.reviveFleet();
    await eventually('the directory is followed', async () => (await stack.ready()).body.fleet === 'followed');
    expect((await stack.ask(FLEET_QUERY)).data.regions.nodes).toEqual(['r1', 'r2'].map(wholeRegion));
  });
});
