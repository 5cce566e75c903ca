import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { sends } from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack, told, wholeRegion } from './gateway-stack.ts';

const left = leftovers();

// @apollo/gateway is the reference: what it answers, our own engine answers
describe.each(['murmuration', 'apollo'] as const)('the engine %s', engine => {
  let stack: GatewayStack;

  beforeAll(async () => {
    stack = await aGateway(['r1', 'r2', 'r3'], left, { gateway: { engine } });
  });
  afterEach(() => stack.reset());

  /** Which region's subgraph was asked, in order. */
  const asked = (): string[] => stack.requests.map(({ region, subgraph }) => `${region} ${subgraph}`);

  describe('the fleet in one query', () => {
    it('comes whole', async () => {
      const { status, data, errors } = await stack.ask(FLEET_QUERY);
      expect(status).toBe(200);
      expect(errors).toEqual([]);
      expect(data.regions.nodes).toEqual(['r1', 'r2', 'r3'].map(wholeRegion));
    });

    it('asks each subgraph of each region once', async () => {
      await stack.ask(FLEET_QUERY);
      const each = ['r1', 'r2', 'r3'].flatMap(region => ['faults', 'inventory', 'software'].map(s => `${region} ${s}`));
      expect(asked().sort()).toEqual(each);
    });

    it('asks no region for what the mirror keeps', async () => {
      const { data } = await stack.ask('{ hosts { nodes { hostname } } alarms { totalCount nodes { severity } } }');
      expect(data.alarms.totalCount).toBe(9);
      expect(asked()).toEqual([]);
    });
  });

  describe('a root field that names something of a region', () => {
    it('is answered by that region, as a literal or a variable, under any alias', async () => {
      const { data, errors } = await stack.ask(
        `query($h: ID!) {
        mine: host(id: $h) { hostname software { release } }
        alarm(id: "r3/on-worker-0") { reasonText host { hostname } }
        other: host(id: "r1/controller-0") { cpu { model } }
      }`,
        { h: 'r2/worker-0' },
      );
      expect(errors).toEqual([]);
      expect(data).toEqual({
        mine: { hostname: 'worker-0', software: { release: 'release of r2/worker-0' } },
        alarm: { reasonText: 'reason of r3/on-worker-0', host: { hostname: 'worker-0' } },
        other: { cpu: { model: 'cpu of r1/controller-0' } },
      });
    });

    it('is null without an error when the region does not know it', async () => {
      expect(await stack.ask('{ host(id: "r1/nobody") { hostname } }')).toMatchObject({
        data: { host: null },
        errors: [],
      });
    });

    it('is not taken for unknown when the region leaves it out of its answer', async () => {
      stack.regions['r1']!.behave(sends(200, '{"data":{}}'));
      const { data, errors } = await stack.ask('{ host(id: "r1/worker-0") { hostname } }');
      expect(data).toEqual({ host: null });
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r1 host']);
    });

    it('takes the default of a variable that was not given', async () => {
      const query = `query($id: ID! = "r2/worker-0", $with: Boolean! = true) {
      host(id: $id) { hostname software @include(if: $with) { release } }
    }`;
      const { data, errors } = await stack.ask(query);
      expect(errors).toEqual([]);
      expect(data.host).toEqual({ hostname: 'worker-0', software: { release: 'release of r2/worker-0' } });
    });

    it('is REGION_UNKNOWN when no region has this id, and the others still answer', async () => {
      const { status, data, errors } = await stack.ask(
        '{ lost: host(id: "r9/worker-0") { hostname } host(id: "r1/worker-0") { hostname } }',
      );
      expect(status).toBe(200);
      expect(data).toEqual({ lost: null, host: { hostname: 'worker-0' } });
      expect(told(errors)).toEqual(['REGION_UNKNOWN r9 lost']);
      expect(errors[0]?.message).toContain('No region r9 is in the graph');
    });

    it('is BAD_USER_INPUT when the id is malformed, and the others still answer', async () => {
      const { status, data, errors } = await stack.ask(
        '{ bad: host(id: "worker-0") { hostname } host(id: "r1/worker-0") { hostname } }',
      );
      expect(status).toBe(200);
      expect(data).toEqual({ bad: null, host: { hostname: 'worker-0' } });
      expect(told(errors)).toEqual(['BAD_USER_INPUT  bad']);
      expect(errors[0]?.message).toContain('id must be an id of the form <region>/<local id>');
    });
  });

  describe('mutations in one operation', () => {
    it('run in their order over several regions and subgraphs', async () => {
      const { data, errors } = await stack.ask(
        `mutation($c: ClearAlarmInput!) {
        a: acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
        b: acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } }
        c: clearAlarm(input: $c) { alarm { id } }
        d: updateHost(input: { id: "r2/worker-0" }) { host { hostname } }
        e: raiseAlarm(input: { region: "r1", alarmId: "1.1", severity: MINOR, entityInstanceId: "host=worker-0" }) {
          alarm { id } userErrors { code }
        }
      }`,
        { c: { region: 'r1', alarmId: '1.1', entityInstanceId: 'host=controller-0' } },
      );
      expect(errors).toEqual([]);
      expect(data).toEqual({
        a: { alarm: { id: 'r1/on-worker-0' } },
        b: { alarm: { id: 'r2/on-worker-0' } },
        c: { alarm: { id: 'r1/on-controller-0' } },
        d: { host: { hostname: 'worker-0' } },
        e: { alarm: { id: 'r1/on-worker-0' }, userErrors: [] },
      });
      expect(asked()).toEqual(['r1 faults', 'r2 faults', 'r1 faults', 'r2 inventory', 'r1 faults']);
    });

    it('start only when the one before has been answered', async () => {
      const seen: string[] = [];
      for (const region of ['r1', 'r2'])
        stack.regions[region]!.behave(async ({ res, honest }) => {
          seen.push(`${region} asked`);
          await new Promise(resolve => setTimeout(resolve, region === 'r1' ? 40 : 0));
          seen.push(`${region} answers`);
          res.end(JSON.stringify(await honest()));
        });
      await stack.ask(`mutation {
      a: acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
      b: acknowledgeAlarm(input: { id: "r2/on-worker-0" }) { alarm { id } }
    }`);
      expect(seen).toEqual(['r1 asked', 'r1 answers', 'r2 asked', 'r2 answers']);
    });

    it('of one region travel together', async () => {
      const { errors } = await stack.ask(`mutation {
      a: acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
      b: unacknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
    }`);
      expect(errors).toEqual([]);
      expect(asked()).toEqual(['r1 faults']);
    });

    it('are refused one by one: a malformed id costs its own field', async () => {
      const { data, errors } = await stack.ask(`mutation {
      a: acknowledgeAlarm(input: { id: "nonsense" }) { alarm { id } }
      b: acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } }
    }`);
      expect(data).toEqual({ a: null, b: { alarm: { id: 'r1/on-worker-0' } } });
      expect(told(errors)).toEqual(['BAD_USER_INPUT  a']);
      expect(errors[0]?.message).toContain('input.id');
    });
  });

  describe('the path of a failure', () => {
    const down = (region: string): void => stack.regions[region]!.behave(sends(503, 'down'));

    it('goes through aliases', async () => {
      down('r2');
      const { data, errors } = await stack.ask(`{
      all: regions { list: nodes { servers: hosts { totalCount } troubles: alarms { totalCount } } }
    }`);
      expect(data.all.list[1]).toEqual({ servers: null, troubles: null });
      expect(told(errors)).toEqual([
        'REGION_UNREACHABLE r2 all.list.1.servers',
        'REGION_UNREACHABLE r2 all.list.1.troubles',
      ]);
    });

    it('goes through fragments and leaves out what is skipped', async () => {
      down('r3');
      const { errors } = await stack.ask(
        `query($on: Boolean!) { regions { nodes { ...Part ... on Region { n: alarms { totalCount } } } } }
       fragment Part on Region { hosts { totalCount } more: hosts(first: 1) @skip(if: $on) { totalCount } }`,
        { on: true },
      );
      expect(told(errors)).toEqual([
        'REGION_UNREACHABLE r3 regions.nodes.2.hosts',
        'REGION_UNREACHABLE r3 regions.nodes.2.n',
      ]);
    });

    it('of a root field is its alias', async () => {
      down('r2');
      const { data, errors } = await stack.ask('{ gone: host(id: "r2/worker-0") { hostname } }');
      expect(data).toEqual({ gone: null });
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 gone']);
    });

    it('stands at the first entity of the region in a list of the fleet', async () => {
      down('r2');
      const { data, errors } = await stack.ask('{ hosts { nodes { id cpu { model } } } }');
      expect(data.hosts.nodes.map((host: { cpu: unknown }) => host.cpu !== null)).toEqual([
        true,
        true,
        false,
        false,
        true,
        true,
      ]);
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 hosts.nodes.2.cpu']);
      expect(errors[0]?.extensions['count']).toBe(2);
    });

    it('is right after an entry that has no host', async () => {
      down('r2');
      const { errors } = await stack.ask('{ alarms { nodes { id host { cpu { model } } } } }');
      expect(told(errors)).toEqual(['REGION_UNREACHABLE r2 alarms.nodes.4.host.cpu']);
    });
  });
});
