// Fleet-wide lists: two real regions, mirrored, as filters, orders and pages show them.
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { aCentre, type Centre, type Data } from './fleet-house.ts';

const left = leftovers();
let house: House;
let centre: Centre;
/** Alarms by the letter that the tests below name them with. */
let alarms: Record<'a' | 'b' | 'c' | 'd', Data>;

beforeAll(async () => {
  house = await aHouse(['accra-1', 'lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  await centre.join('accra-1', house.door('accra-1'), { group: 'west' });
  await centre.join('lagos-1', house.door('lagos-1'), { group: 'east' });
  const [accra, lagos] = [hands(house, 'accra-1'), hands(house, 'lagos-1')];
  const mac = '02:00:00:aa:bb:cc';
  await accra.host({ hostname: 'controller-0', personality: 'CONTROLLER', managementMac: mac, serialNumber: 'SN-A' });
  await accra.host({ hostname: 'new-box', personality: null });
  await lagos.host({ hostname: 'compute-0', personality: 'WORKER' });
  const raise = async (at: typeof accra, input: Parameters<typeof accra.raise>[0]) => (await at.raise(input)).alarm;
  alarms = {
    a: await raise(accra, { entityInstanceId: 'host=controller-0', severity: 'MAJOR', reasonText: 'CPU busy' }),
    b: await raise(accra, {
      alarmId: '100.104',
      entityInstanceId: 'host=controller-0.filesystem=/var',
      severity: 'CRITICAL',
      reasonText: 'at 100%_full',
    }),
    c: await raise(lagos, {
      alarmId: '200.001',
      entityInstanceId: 'host=compute-0',
      severity: 'WARNING',
      reasonText: null,
    }),
    d: await raise(lagos, {
      alarmId: '999.001',
      entityInstanceId: 'subcloud=s1',
      severity: 'MINOR',
      reasonText: 'odd',
    }),
  };
  await lagos.acknowledge({ id: alarms.c.id, comment: 'known', by: 'ada' });
  await eventually('the mirror to hold all', async () => {
    const { nodes } = await centre.alarms();
    const { hosts } = await centre.ask('{ hosts { totalCount } }');
    const { regions } = await centre.ask('{ regions(filter: { contact: [ONLINE] }) { totalCount } }');
    const isCopied = nodes.length === 4 && hosts.totalCount === 3 && nodes.some((alarm: Data) => alarm.acknowledged);
    return isCopied && regions.totalCount === 2;
  });
});

test('an alarm whose id the catalogue does not have is listed, and marked', async () => {
  const { alarms: list } = await centre.ask('{ alarms { nodes { id catalogued } } }');
  const marks = Object.fromEntries(list.nodes.map((node: Data) => [lettersOf([node]), node.catalogued]));
  expect(marks).toEqual({ a: true, b: true, c: true, d: false });
});

const lettersOf = (nodes: readonly Data[]): string =>
  nodes.map(node => Object.entries(alarms).find(([, alarm]) => alarm.id === node.id)?.[0] ?? '?').join('');

test('an alarm says who acknowledged it', async () => {
  const { alarms: list } = await centre.ask('{ alarms { nodes { id acknowledged { by comment } } } }');
  const acknowledged = list.nodes.filter((alarm: Data) => alarm.acknowledged !== null);
  expect(acknowledged).toEqual([{ id: alarms.c.id, acknowledged: { by: 'ada', comment: 'known' } }]);
});

describe('alarms of the fleet', () => {
  const cases: [what: string, filter: () => Data, letters: string][] = [
    ['nothing', () => ({}), 'dcba'],
    ['regions', () => ({ regions: ['lagos-1'] }), 'dc'],
    ['no region at all', () => ({ regions: [] }), ''],
    ['groups', () => ({ groups: ['west', 'north'] }), 'ba'],
    ['severities', () => ({ severities: ['CRITICAL', 'WARNING'] }), 'cb'],
    ['alarm ids', () => ({ alarmIds: ['100.101', '999.001'] }), 'da'],
    ['exactly one entity', () => ({ entityInstanceId: 'host=controller-0' }), 'a'],
    ['hosts', () => ({ hosts: ['controller-0'] }), 'ba'],
    ['text in the reason', () => ({ text: 'cpu B' }), 'a'],
    ['text in the title', () => ({ text: 'Filesystem usage OVER' }), 'b'],
    ['text in the entity', () => ({ text: 'SUBCLOUD=' }), 'd'],
    ['text with wildcards, taken literally', () => ({ text: '100%_' }), 'b'],
    ['text that would be a wildcard', () => ({ text: '%o_d%' }), ''],
    ['raised after', () => ({ raisedAfter: alarms.b.raisedAt }), 'dc'],
    ['raised before', () => ({ raisedBefore: alarms.b.raisedAt }), 'a'],
    ['acknowledged', () => ({ acknowledged: true }), 'c'],
    ['not acknowledged', () => ({ acknowledged: false }), 'dba'],
    ['two fields at once', () => ({ regions: ['accra-1'], severities: ['MAJOR', 'MINOR'] }), 'a'],
  ];

  test.each(cases)('filtered by %s', async (_, filter, letters) => {
    const { nodes, totalCount } = await centre.alarms(filter());
    expect(lettersOf(nodes)).toBe(letters);
    expect(totalCount).toBe(letters.length);
  });

  test('filtered by whether they block orchestration, in the centre and in the region', async () => {
    const blocking = async (filter: string) =>
      (await centre.ask(`{ alarms${filter} { nodes { id managementAffecting } } }`)).alarms.nodes;
    const all = await blocking('');
    for (const wanted of [true, false]) {
      const expected = all.filter((alarm: Data) => (alarm.managementAffecting ?? false) === wanted);
      expect(expected.length).toBeGreaterThan(0);
      expect(await blocking(`(filter: { managementAffecting: ${wanted} })`)).toEqual(expected);
      const { alarms: inRegion } = await hands(house, 'lagos-1').region(
        'faults',
        `alarms(filter: { managementAffecting: ${wanted} }) { nodes { id } }`,
      );
      const ofRegion = expected.filter((alarm: Data) => alarm.id.startsWith('lagos-1/'));
      expect(inRegion.nodes.map((alarm: Data) => alarm.id)).toEqual(ofRegion.map((alarm: Data) => alarm.id));
    }
  });

  test.each([
    ['NEWEST_FIRST', 'dcba'],
    ['OLDEST_FIRST', 'abcd'],
    ['SEVERITY', 'badc'],
  ])('come %s', async (orderBy, letters) => {
    expect(lettersOf((await centre.alarms({}, `, orderBy: ${orderBy}`)).nodes)).toBe(letters);
  });

  test('are what their region says, with region and host from the mirror', async () => {
    const { nodes } = await centre.alarms({ hosts: ['controller-0'], severities: ['MAJOR'] });
    const { id, sequence, raisedAt } = alarms.a;
    expect(nodes[0]).toMatchObject({
      id,
      sequence,
      raisedAt,
      region: { id: 'accra-1' },
      host: { hostname: 'controller-0' },
    });
    expect((await centre.alarms({ alarmIds: ['999.001'] })).nodes[0].host).toBeNull();
  });

  test('are as old as the oldest contact with a region that counts', async () => {
    const { asOf } = await centre.alarms();
    expect(Date.now() - Date.parse(asOf)).toBeLessThan(10_000);
  });

  test('cannot be paged with a cursor of another order', async () => {
    const { pageInfo } = await centre.alarms({}, ', orderBy: SEVERITY, first: 1');
    const query = `{ alarms(orderBy: NEWEST_FIRST, after: "${pageInfo.endCursor}") { totalCount } }`;
    expect(await centre.refusal(query)).toBe('CURSOR_INVALID');
    for (const forged of ['["2026-99-99T99:99:99.999Z","x"]', '["2026-01-01T00:00:00.000Z","\\u0000"]']) {
      const after = Buffer.from(forged).toString('base64url');
      expect(await centre.refusal(`{ alarms(after: "${after}") { totalCount } }`)).toBe('CURSOR_INVALID');
    }
  });

  test('are summed up by severity over the regions that the filter names', async () => {
    const summary = async (filter: Data) =>
      (
        await centre.ask(
          'query ($filter: AlarmFilter) { alarmSummary(filter: $filter) { critical major minor warning status } }',
          { filter },
        )
      ).alarmSummary;
    expect(await summary({})).toEqual({ critical: 1, major: 1, minor: 1, warning: 1, status: 'CRITICAL' });
    expect(await summary({ groups: ['east'] })).toEqual({
      critical: 0,
      major: 0,
      minor: 1,
      warning: 1,
      status: 'DEGRADED',
    });
    expect((await centre.region('lagos-1')).alarmSummary).toMatchObject({
      minor: 1,
      status: 'DEGRADED',
      regionsUnknown: 0,
    });
  });
});

describe('alarms raised in the same two milliseconds', () => {
  const COUNT = 25;

  beforeAll(async () => {
    const samples = Array.from({ length: COUNT }, (_, i) => ({
      hostname: `tied-${i}`,
      resource: 'CPU',
      usedPercent: i % 2 ? 91 : 99,
    }));
    await hands(house, 'lagos-1').usage({ samples });
    await eventually(
      'the mirror to hold them',
      async () => (await centre.alarms({ text: 'host=tied' })).totalCount === COUNT,
    );
    await centre.rows(
      `update mirror_alarm m set raised_at = t.at::timestamptz, alarm = jsonb_set(alarm, '{raisedAt}', to_jsonb(t.at))
       from (select id, case when entity_instance_id ~ '[0-4]$' then $1::text else $2::text end as at from mirror_alarm) t
       where t.id = m.id and entity_instance_id like 'host=tied%'`,
      ['2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.001Z'],
    );
  });

  const keys: Record<string, (alarm: Data) => string> = {
    NEWEST_FIRST: alarm => String(9e12 - Date.parse(alarm.raisedAt)),
    OLDEST_FIRST: alarm => alarm.raisedAt,
    SEVERITY: alarm => `${alarm.severity} ${9e12 - Date.parse(alarm.raisedAt)}`, // CRITICAL < MAJOR, as it happens
  };

  test.each(['NEWEST_FIRST', 'OLDEST_FIRST', 'SEVERITY'])(
    '%s: pages show each of them exactly once, in that order',
    async orderBy => {
      const filter = { text: 'host=tied' };
      const seen: string[] = [];
      for (let after = '', more = true; more; ) {
        const { nodes, totalCount, pageInfo } = await centre.alarms(filter, `, orderBy: ${orderBy}, first: 4${after}`);
        expect(totalCount).toBe(COUNT);
        seen.push(...nodes.map((alarm: Data) => alarm.id));
        after = `, after: "${pageInfo.endCursor}"`;
        more = pageInfo.hasNextPage;
      }
      expect(new Set(seen).size).toBe(COUNT);
      const whole = await centre.alarms(filter, `, orderBy: ${orderBy}, first: 500`);
      expect(seen).toEqual(whole.nodes.map((alarm: Data) => alarm.id));
      const places = whole.nodes.map(keys[orderBy]!);
      expect(places).toEqual([...places].sort());
    },
  );
});

describe('hosts of the fleet', () => {
  const list = (filter: Data, args = '') =>
    centre.ask(
      `query ($filter: HostFilter) { hosts(filter: $filter${args}) { nodes { hostname region { id } availability }
         totalCount pageInfo { hasNextPage endCursor } } }`,
      { filter },
    );

  test.each<[string, Data, string[]]>([
    ['nothing: by region and hostname', {}, ['controller-0', 'new-box', 'compute-0']],
    ['regions', { regions: ['lagos-1'] }, ['compute-0']],
    ['groups', { groups: ['west'] }, ['controller-0', 'new-box']],
    ['part of the hostname', { hostname: 'O' }, ['controller-0', 'new-box', 'compute-0']],
    ['a hostname with a wildcard, taken literally', { hostname: '%' }, []],
    ['MAC, upper or lower case', { mac: '02:00:00:AA:BB:CC' }, ['controller-0']],
    ['serial number', { serialNumber: 'SN-A' }, ['controller-0']],
    ['personality', { personality: 'WORKER' }, ['compute-0']],
    ['administrative state', { administrative: 'LOCKED' }, ['new-box']],
    ['availability', { availability: ['ONLINE', 'FAILED'] }, ['new-box']],
  ])('filtered by %s', async (_, filter, names) => {
    const { hosts } = await list(filter);
    expect(hosts.nodes.map((host: Data) => host.hostname)).toEqual(names);
    expect(hosts.totalCount).toBe(names.length);
  });

  test('come in pages, each once', async () => {
    const first = (await list({}, ', first: 2')).hosts;
    const second = (await list({}, `, first: 2, after: "${first.pageInfo.endCursor}"`)).hosts;
    expect([...first.nodes, ...second.nodes].map((host: Data) => host.hostname)).toEqual([
      'controller-0',
      'new-box',
      'compute-0',
    ]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  test.each([0, 501])('cannot be asked for %i at a time', async first => {
    expect(await centre.refusal(`{ hosts(first: ${first}) { totalCount } }`)).toBe('BAD_USER_INPUT');
  });
});

describe('regions', () => {
  test('with contact are ONLINE, and may be filtered by everything they have', async () => {
    const ids = async (filter: Data) =>
      (
        await centre.ask('query ($filter: RegionFilter) { regions(filter: $filter) { nodes { id } totalCount } }', {
          filter,
        })
      ).regions.nodes
        .map((region: Data) => region.id)
        .join();
    expect(await ids({ contact: ['ONLINE'] })).toBe('accra-1,lagos-1');
    expect(await ids({ contact: ['OFFLINE', 'NEVER'] })).toBe('');
    expect(await ids({ ids: ['lagos-1', 'x'], contact: ['ONLINE'] })).toBe('lagos-1');
    expect(await ids({ groups: ['west'] })).toBe('accra-1');
    expect(await ids({ management: 'UNMANAGED' })).toBe('');
    expect(await ids({ text: 'LAGOS' })).toBe('lagos-1');
  });
});
