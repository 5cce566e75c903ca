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

describe('a fleet service that dies', () => {
  let stack: GatewayStack;
  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2'], left);
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

  it('leaves the live part of a query that needs both', async () => {
    const { data, errors } = await stack.ask(
      '{ host(id: "r1/worker-0") { hostname region { id name } } region(id: "r2") { name } }',
    );
    expect(data.host?.hostname ?? null).toBe(null); // a region has a name, so the host goes with it; see the next test
    expect(told(errors).every(error => error.startsWith('FLEET_UNREACHABLE '))).toBe(true);
    const { data: live } = await stack.ask(
      '{ host(id: "r1/worker-0") { hostname region { id group { name } } } region(id: "r2") { name } }',
    );
    expect(live).toEqual({ host: { hostname: 'worker-0', region: { id: 'r1', group: null } }, region: null });
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
