// What operators ask of the fleet's hosts: filters that lists, sums and streams agree upon, capacity, and the stream of changes.
import { beforeAll, describe, expect, test } from 'vitest';
import { type HostFilter, passesHost } from '../../../subgraphs/central/fleet/hosts/host-filter.ts';
import type { MirrorHostRow } from '../../../subgraphs/central/fleet/mirror/mirror-rows.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';
import { aCentre, type Centre, type Data } from './fleet-house.ts';

const left = leftovers();
const GPU = {
  pciAddress: '0000:3b:00.0',
  kind: 'GPU',
  vendorId: '10de',
  deviceId: '20b5',
  name: 'NVIDIA A100 80GB',
} as const;
const QAT = {
  pciAddress: '0000:af:00.0',
  kind: 'CRYPTO',
  vendorId: '8086',
  deviceId: '37c8',
  name: 'Intel QAT C62x',
} as const;
const memory = (free: number) => [
  { node: 0, totalMiB: 100, freeMiB: 10, hugePages: [{ pageSizeKiB: 2048, total: 0, free: 0 }] },
  { node: 1, totalMiB: 100, freeMiB: 10, hugePages: [{ pageSizeKiB: 1_048_576, total: 40, free }] },
];
let house: House;
let centre: Centre;
/** By hostname. */
const hosts: Record<string, Data> = {};

const at = (region: string) => hands(house, region);
const namesOf = (list: Data): string[] => list.nodes.map((host: Data) => host.hostname);
const list = async (filter: HostFilter, selection = 'nodes { hostname } totalCount'): Promise<Data> =>
  (await centre.ask(`query ($filter: HostFilter) { hosts(filter: $filter) { ${selection} } }`, { filter })).hosts;

beforeAll(async () => {
  house = await aHouse(['accra-1', 'lagos-1']);
  left.add(() => house.stop());
  centre = await aCentre();
  left.add(() => centre.close());
  const controller = { personality: 'CONTROLLER', subfunctions: ['controller', 'worker'] } as const;
  for (const [region, reports] of Object.entries({
    'accra-1': [
      {
        ...controller,
        hostname: 'controller-0',
        memory: memory(8),
        devices: [GPU, { ...GPU, pciAddress: '0000:3b:00.1' }],
      },
      { ...controller, hostname: 'controller-1', memory: memory(32), devices: [QAT] },
    ],
    'lagos-1': [
      { personality: 'CONTROLLER' as const, hostname: 'solo', memory: memory(40), devices: [GPU, QAT] },
      { personality: null, hostname: 'new-box', memory: memory(40), devices: [GPU] },
    ],
  }))
    for (const report of reports) hosts[report.hostname] = await at(region).host(report);
  await at('lagos-1').update({
    id: hosts['solo'].id,
    labels: [
      { key: 'site', value: 'yard' },
      { key: 'tier', value: '1' },
    ],
  });
  await at('accra-1').update({ id: hosts['controller-0'].id, labels: [{ key: 'site', value: 'plant' }] });
  await centre.join('accra-1', house.door('accra-1'), { group: 'west' });
  await centre.join('lagos-1', house.door('lagos-1'), { group: 'east' });
});

describe('a filter', () => {
  const groupOf = (region: string) => (region === 'accra-1' ? 'west' : 'east');

  test.each<[string, HostFilter, string[]]>([
    ['nothing', {}, ['controller-0', 'controller-1', 'new-box', 'solo']],
    ['no label', { labels: [] }, ['controller-0', 'controller-1', 'new-box', 'solo']],
    ['a label', { labels: [{ key: 'site', value: 'yard' }] }, ['solo']],
    ['the key of a label', { labels: [{ key: 'site' }] }, ['controller-0', 'solo']],
    ['two labels: both', { labels: [{ key: 'site' }, { key: 'tier', value: '1' }] }, ['solo']],
    ['key and value of different labels', { labels: [{ key: 'site', value: '1' }] }, []],
    ['a kind of device', { device: { kind: 'CRYPTO' } }, ['controller-1', 'solo']],
    ['part of a device’s name', { device: { name: 'a100' } }, ['controller-0', 'new-box', 'solo']],
    ['kind and name of different devices', { device: { kind: 'CRYPTO', name: 'A100' } }, []],
    ['a name with a wildcard, taken literally', { device: { name: 'A%' } }, []],
    [
      'free huge pages',
      { freeHugePages: { pageSizeKiB: 1_048_576, atLeast: 32 } },
      ['controller-1', 'new-box', 'solo'],
    ],
    ['free huge pages of another size', { freeHugePages: { pageSizeKiB: 2048, atLeast: 1 } }, []],
    ['operational state', { operational: 'DISABLED' }, ['new-box']],
    ['provisioning', { provisioning: 'PROVISIONED' }, ['controller-0', 'controller-1', 'solo']],
    ['simulated', { simulated: false }, []],
    ['GPU and group', { device: { kind: 'GPU' }, groups: ['east'], personality: 'CONTROLLER' }, ['solo']],
  ])('on %s: lists, counts, and what streams go by agree', async (_, filter, names) => {
    const found = await list(filter);
    expect(namesOf(found)).toEqual(names);
    expect(found.totalCount).toBe(names.length);
    const all = (
      await list(
        {},
        `nodes { id region { id } hostname personality administrative operational availability
      provisioning managementMac serialNumber simulated labels { key value }
      capacity { cpuThreads memoryMiB hugePages { pageSizeKiB total free } devices { kind name count } } }`,
      )
    ).nodes;
    const rows = all.map((host: Data) => ({ ...host, region: host.region.id })) as MirrorHostRow[];
    expect(rows.filter(row => passesHost(filter, row, groupOf)).map(row => row.hostname)).toEqual(names);
  });

  test('on a part of the name of a device finds names of any letters, new ones, and among more than a path can list', async () => {
    const odd = 'Odd "card" \\ 8% €';
    const rename = (name: string) =>
      centre.rows(
        `insert into mirror_host (id, region, hostname, administrative, operational, availability, simulated, capacity)
         values ('accra-1/odd', 'accra-1', 'odd', 'LOCKED', 'DISABLED', 'OFFLINE', true, $1)
         on conflict (id) do update set capacity = excluded.capacity`,
        [JSON.stringify({ hugePages: [], devices: [{ kind: 'GPU', name, count: 1 }] })],
      );
    const found = async (name: string, kind = 'GPU') => namesOf(await list({ device: { kind, name } }));
    await rename(odd);
    for (const part of ['"CARD"', '\\ 8%', '€', odd]) expect(await found(part)).toEqual(['odd']);
    expect(await found('card', 'CRYPTO')).toEqual([]);
    await rename('zero card');
    expect(await found('odd')).toEqual([]);
    expect(await found('ZERO')).toEqual(['odd']);
    await centre.rows(`insert into mirror_device select 'GPU', 'a card "' || n from generate_series(1, 300) n`);
    expect(await found('o CARD')).toEqual(['odd']);
    expect(await found('CARD')).toEqual(['odd']);
    expect(await found('c.rd')).toEqual([]);
    await centre.rows(`delete from mirror_host where id = 'accra-1/odd'`);
  });

  test.each([
    ['{ freeHugePages: { pageSizeKiB: 2048, atLeast: 0 } }', 'atLeast must be 1 or more'],
    [`{ labels: [${'{ key: "a" } '.repeat(17)}] }`, 'at most 16'],
  ])('%s is refused', async (filter, reason) => {
    const { errors } = await centre.post(`{ hosts(filter: ${filter}) { totalCount } }`);
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(errors?.[0]?.message).toContain(reason);
  });
});

describe('capacity', () => {
  const CAPACITY =
    'hosts inService cpuThreads memoryMiB hugePages { pageSizeKiB total free } devices { kind name count } asOf';

  test('is summed over the hosts in service that match, and the same in the region’s list', async () => {
    const { capacity, regions } = await centre.ask(
      `{ capacity { ${CAPACITY} } regions { nodes { id kind capacity { ${CAPACITY} } } } }`,
    );
    expect(capacity).toMatchObject({
      hosts: 4,
      inService: 3,
      cpuThreads: 384,
      memoryMiB: 600,
      hugePages: [{ pageSizeKiB: 1_048_576, total: 120, free: 80 }],
      devices: [
        { kind: 'CRYPTO', name: QAT.name, count: 2 },
        { kind: 'GPU', name: GPU.name, count: 3 },
      ],
    });
    await eventually('an age', async () => (await centre.ask('{ capacity { asOf } }')).capacity.asOf !== null);
    expect(regions.nodes).toMatchObject([
      { id: 'accra-1', kind: 'DUPLEX', capacity: { hosts: 2, inService: 2, memoryMiB: 400 } },
      { id: 'lagos-1', kind: 'SIMPLEX', capacity: { hosts: 2, inService: 1, memoryMiB: 200 } },
    ]);
  });

  test('of what a filter lets through', async () => {
    const { capacity } = await centre.ask(
      '{ capacity(filter: { device: { kind: CRYPTO }, regions: ["accra-1"] }) { hosts devices { kind count } } }',
    );
    expect(capacity).toEqual({ hosts: 1, devices: [{ kind: 'CRYPTO', count: 1 }] });
  });

  test('of nothing is nothing', async () => {
    const { capacity } = await centre.ask(`{ capacity(filter: { regions: [] }) { ${CAPACITY} } }`);
    expect(capacity).toMatchObject({ hosts: 0, memoryMiB: 0, hugePages: [], devices: [] });
  });

  test('of a page of regions costs one statement', async () => {
    const statements = await statementsOf(/^fleet\.capacity/, () =>
      centre.ask('{ regions { nodes { kind capacity { hosts } } } }'),
    );
    expect(statements).toHaveLength(1);
  });
});

describe('changes of hosts', () => {
  const CHANGES = `subscription ($filter: HostFilter, $after: Cursor) { hostChanges(filter: $filter, after: $after) {
    kind cursor at hostId region { id } changed host { id hostname personality labels { key value } capacity { cpuThreads } } } }`;
  const label = (value: string) => at('lagos-1').update({ id: hosts['solo'].id, labels: [{ key: 'site', value }] });
  const told = (event: Data): string =>
    [event.kind, event.host?.hostname ?? event.hostId, ...event.changed, event.host?.labels[0]?.value].join(' ');

  /** Subscribed, and heard something of: from here on nothing is missed. */
  const aStream = async (filter: HostFilter = {}, after: string | null = null) => {
    const stream = centre.subscribe(CHANGES, { filter, after });
    left.add(() => stream.close());
    return stream;
  };
  const cursorNow = async (): Promise<string> => {
    const stream = await aStream({ regions: ['lagos-1'] });
    let n = 0;
    await eventually('the stream', async () => {
      await label(`begin-${n++}`);
      return stream.events.length > 0;
    });
    const last = `begin-${n - 1}`;
    const events = await stream.until('the last', all => all.some((e: Data) => e.host.labels[0].value === last));
    return events.at(-1).cursor;
  };

  test('are each told once, in order, with what changed; from a cursor on exactly what came after', async () => {
    const after = await cursorNow();
    for (const value of ['a', 'b', 'c']) await label(value);
    await at('lagos-1').host({
      identity: 'x',
      managementMac: '02:00:00:00:99:01',
      hostname: 'late',
      personality: 'WORKER',
    });
    const expected = ['CHANGED solo labels a', 'CHANGED solo labels b', 'CHANGED solo labels c', 'ADDED late '];
    const first = await aStream({}, after);
    const events = await first.until('four', all => all.length >= 4);
    expect(events.map(told)).toEqual(expected);
    expect(events.every((event: Data) => event.region.id === 'lagos-1')).toBe(true);
    for (const [n, { cursor }] of events.entries()) {
      const rest = await aStream({}, cursor);
      const suffix = expected.slice(n + 1);
      if (suffix.length > 0)
        expect((await rest.until('the rest', all => all.length >= suffix.length)).map(told)).toEqual(suffix);
    }
  });

  test('that take a host out of the filter are told, too; others are not', async () => {
    const after = await cursorNow();
    for (const value of ['yard', 'gone', 'elsewhere']) await label(value);
    await at('accra-1').update({ id: hosts['controller-1'].id, labels: [{ key: 'site', value: 'yard' }] });
    const stream = await aStream({ labels: [{ key: 'site', value: 'yard' }] }, after);
    const events = await stream.until('three', all => all.length >= 3);
    // in the order of each region; between regions there is none
    expect(
      events.map(told).sort((a, b) => Number(a.includes('controller')) - Number(b.includes('controller'))),
    ).toEqual(['CHANGED solo labels yard', 'CHANGED solo labels gone', 'CHANGED controller-1 labels yard']);
  });

  test('found by a comparison with the region are told as well', async () => {
    const after = await cursorNow();
    await centre.rows(`update mirror_host set serial_number = 'WRONG' where id = $1`, [hosts['controller-0'].id]);
    await centre.rows(`insert into mirror_host (id, region, administrative, operational, availability, simulated)
      values ('accra-1/ghost', 'accra-1', 'LOCKED', 'DISABLED', 'OFFLINE', true)`);
    await centre.change('realignRegion', { id: 'accra-1' }, 'region { id }');
    const stream = await aStream({ regions: ['accra-1'] }, after);
    const events = await stream.until('two', all => all.length >= 2);
    expect(
      events.map((event: Data) => [event.kind, event.hostId, event.host?.hostname ?? null, event.changed]),
    ).toEqual(
      expect.arrayContaining([
        ['CHANGED', hosts['controller-0'].id, 'controller-0', ['serialNumber']],
        ['REMOVED', 'accra-1/ghost', null, []],
      ]),
    );
  });

  test('after a forged cursor, one of the alarm feed, or one that is no longer kept, are refused', async () => {
    const after = await cursorNow();
    const feed = centre.subscribe('subscription { alarmFeed { kind cursor } }');
    left.add(() => feed.close());
    const [aligned] = await feed.until('a cursor', events => events.length > 0);
    for (const [cursor, code] of [
      ['forged', 'CURSOR_INVALID'],
      [aligned.cursor, 'CURSOR_INVALID'],
    ]) {
      const stream = await aStream({}, cursor);
      await eventually('a refusal', async () => stream.errors.length > 0);
      expect(stream.errors[0].extensions.code).toBe(code);
    }
    await label('later');
    await eventually('it', async () => namesOf(await list({ labels: [{ key: 'site', value: 'later' }] })).length === 1);
    await centre.rows('delete from host_log; update feed_head set host_oldest = host_position');
    const stream = await aStream({}, after);
    await eventually('a refusal', async () => stream.errors.length > 0);
    expect(stream.errors[0].extensions.code).toBe('CURSOR_EXPIRED');
  });
});
