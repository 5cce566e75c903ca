// What a feed begins with, and what is kept ready of counts, while the mirror is being written. The oracle is the feed log:
// everything up to a position, applied in order, is what was open at that position.
import fs from 'node:fs';
import os from 'node:os';
import type { DataSource } from 'typeorm';
import { beforeAll, expect, test } from 'vitest';
import { makeId } from '../../../schema/identity.ts';
import { countAlarms } from '../../../subgraphs/central/fleet/alarms/alarm-store.ts';
import { type FeedSnapshot, snapshotTaker } from '../../../subgraphs/central/fleet/feed/feed-snapshot.ts';
import type { MirrorAlarm } from '../../../subgraphs/central/fleet/mirror/mirror-rows.ts';
import { appendFeed, copyAlarms, lockFeed } from '../../../subgraphs/central/fleet/mirror/mirror-store.ts';
import { fleetTables } from '../../../subgraphs/central/fleet/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { anAlarmRow } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';

const REGIONS = ['accra-1', 'lagos-1'];
const OPEN = 2_500; // more than a snapshot keeps in memory
const left = leftovers();
let dataSource: DataSource;

beforeAll(async () => {
  const { url, prefix } = testConfig().database;
  dataSource = await openDatabase({ url: url!, database: prefix, tables: fleetTables, poolSize: 6, log: quiet });
  left.add(() => dataSource.destroy());
  for (const id of REGIONS)
    await dataSource.query('insert into region (id, name, endpoint) values ($1, $1, $2)', [id, `http://x/${id}`]);
  await write(Array.from({ length: OPEN }, (_, n) => n));
});

let sequence = 0;
const open = new Set<number>();

/** One commit of the mirror: each of these alarms is raised, or, when it is open, changed or cleared. */
async function write(numbers: readonly number[]): Promise<void> {
  const made = numbers.map(n => {
    const kind = open.has(n) ? (Math.random() < 0.5 ? 'CLEARED' : 'CHANGED') : 'RAISED';
    if (kind === 'CLEARED') open.delete(n);
    else open.add(n);
    const at = new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString();
    const alarm = anAlarmRow({
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      severity: (['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'] as const)[(n + sequence) % 4]!,
      acknowledgedAt: sequence % 3 === 0 ? at : null,
      suppressed: sequence % 5 === 0,
      reasonText: 'a line\u2028and another\r\n"quoted" ☂',
      raisedAt: at,
      clearedAt: kind === 'CLEARED' ? at : null,
      sequence: String(++sequence),
    });
    return { kind, at, region: REGIONS[n % REGIONS.length]!, alarm };
  });
  await dataSource.transaction(async tx => {
    await lockFeed(tx);
    await copyAlarms(
      tx,
      made.map(({ region, alarm }) => ({ id: makeId(region, alarm.id), region, alarm })),
    );
    await appendFeed(tx, made);
  });
}

const ALL = { includeSuppressed: true, includeMasked: true };
const take = () => snapshotTaker(dataSource)(ALL);
const placeOf = ({ region, id, sequence: n }: MirrorAlarm): string => `${region}/${id} ${n}`;

async function read(snapshot: FeedSnapshot): Promise<MirrorAlarm[]> {
  const alarms: MirrorAlarm[] = [];
  for await (const alarm of snapshot.alarms) alarms.push(alarm);
  return alarms;
}

/** What the log says was open at a position. */
async function openAt(position: bigint): Promise<string[]> {
  const found = await dataSource.query(
    `select distinct on (region, alarm->>'id') region, alarm from feed_log where position <= $1
     order by region, alarm->>'id', position desc`,
    [String(position)],
  );
  const rows = found as { region: string; alarm: MirrorAlarm }[];
  return rows.filter(({ alarm }) => alarm.clearedAt === null).map(({ region, alarm }) => placeOf({ ...alarm, region }));
}

const someNumbers = (): number[] => [
  ...new Set(Array.from({ length: 1 + Math.floor(Math.random() * 40) }, () => Math.floor(Math.random() * OPEN * 1.2))),
];

const filesOfSnapshots = (): string[] =>
  fs.readdirSync(os.tmpdir()).filter(name => name.startsWith('murmuration-snapshot-'));

test('a snapshot is what was open at its position, each alarm once, whatever is written meanwhile', async () => {
  let isWriting = true;
  const writing = (async () => {
    while (isWriting) await write(someNumbers());
  })();
  try {
    for (let round = 0; round < 6; round++) {
      const snapshots = await Promise.all([take(), take(), take()]); // one more than are taken at once
      for (const snapshot of snapshots) {
        const alarms = (await read(snapshot)).map(placeOf);
        expect(alarms.length).toBeGreaterThan(1_000);
        expect(alarms.sort()).toEqual((await openAt(snapshot.position)).sort());
      }
    }
  } finally {
    isWriting = false;
    await writing;
  }
});

test('a snapshot that nobody reads yet holds no transaction open, and leaves no file when its reader goes', async () => {
  const before = filesOfSnapshots();
  const snapshot = await take();
  const held = await dataSource.query(
    `select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  );
  expect(held).toEqual([]);
  await write(someNumbers());
  for await (const alarm of snapshot.alarms) {
    expect(alarm.reasonText).toBe('a line\u2028and another\r\n"quoted" ☂');
    break;
  }
  expect(filesOfSnapshots()).toEqual(before);
  expect(await read(snapshot)).toEqual([]); // and what it held is gone
});

test('the counts that are kept ready are those of the alarms, also after a region has left', async () => {
  const KEY = 'region, severity, origin, acknowledged, suppressed, masked';
  const expectExact = async (): Promise<void> => {
    const [kept, counted] = await Promise.all([
      dataSource.query(`select ${KEY}, n from mirror_alarm_count where n <> 0 order by ${KEY}`),
      dataSource.query(`select ${KEY}, count(*)::int as n from mirror_alarm group by ${KEY} order by ${KEY}`),
    ]);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept).toEqual(counted);
  };
  for (let round = 0; round < 10; round++) await write(someNumbers());
  await expectExact();
  for (const filter of [{}, ALL, { severities: ['MINOR'], acknowledged: true }, { regions: ['lagos-1'] }]) {
    const all = await countAlarms(dataSource, { ...filter, raisedAfter: new Date(0) }); // a filter that must be counted
    expect(await countAlarms(dataSource, filter)).toBe(all);
  }
  await dataSource.query("update mirror_alarm set masked = true where severity = 'MAJOR'");
  await dataSource.query("update mirror_alarm set severity = 'WARNING' where severity = 'MINOR'");
  await expectExact();
  await dataSource.query("delete from region where id = 'accra-1'");
  await expectExact();
  expect(await countAlarms(dataSource, { ...ALL, regions: ['accra-1'] })).toBe(0);
});
