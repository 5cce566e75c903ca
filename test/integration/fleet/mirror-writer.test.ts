// Two writers that both believe to lead, as for a moment after a connection was cut: the position decides, not the belief.
import { type Logger, pino } from 'pino';
import type { DataSource } from 'typeorm';
import { beforeAll, expect, test } from 'vitest';
import { mirrorWriter } from '../../../subgraphs/central/fleet/mirror/mirror-writer.ts';
import { snapshotSink } from '../../../subgraphs/central/fleet/mirror/snapshot-writer.ts';
import { fleetTables } from '../../../subgraphs/central/fleet/tables.ts';
import type { Position } from '../../../subgraphs/runtime/change-follower.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import type { SnapshotSink } from '../../../subgraphs/runtime/snapshot-intake.ts';
import { anAlarmRow } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';

const left = leftovers();
const EPOCH = '00000000-0000-4000-8000-000000000000';
const START = { epoch: null, sequence: '0' };
const now = () => new Date();
let dataSource: DataSource;

beforeAll(async () => {
  const { url, prefix } = testConfig().database;
  dataSource = await openDatabase({ url: url!, database: prefix, tables: fleetTables, poolSize: 4, log: quiet });
  left.add(() => dataSource.destroy());
});

/** A region whose mirror of alarms stands at this number. */
async function aRegion(id: string, sequence = '0'): Promise<void> {
  await dataSource.query(`insert into region (id, name, endpoint) values ($1, $1, 'http://x/' || $1)`, [id]);
  await sinkOf(id, START, sequence).complete();
}

const sinkOf = (region: string, from: Position, sequence: string, log: Logger = quiet): SnapshotSink =>
  snapshotSink({ dataSource, log, now }, 'faults', region, { from, at: { epoch: EPOCH, sequence } });
const anAlarm = (n: number) => anAlarmRow({ id: `00000000-0000-4000-8000-00000000000${n}`, sequence: String(n) });
const sent = (...numbers: number[]) => numbers.map(n => ({ entityId: anAlarm(n).id, row: anAlarm(n) }));
const mirrored = async (region: string): Promise<string[]> =>
  (
    await dataSource.query(`select alarm->>'sequence' as n from mirror_alarm where region = $1 order by 1`, [region])
  ).map((row: { n: string }) => row.n);

test('a batch that two writers bring is stored and told once', async () => {
  await aRegion('lagos-1');
  const writers = [1, 2].map(() => mirrorWriter(dataSource, () => {}));
  const changes = [1, 2, 3].map(anAlarm).map(row => {
    return { sequence: row.sequence, at: row.updatedAt, kind: 'RAISED', entityId: row.id, row };
  });
  const batch = { region: 'lagos-1', source: 'faults', changes };
  const outcomes = await Promise.allSettled(writers.map(writer => writer.apply(batch)));
  expect(outcomes.map(outcome => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  const told = await dataSource.query(`select alarm->>'sequence' as n from feed_log order by position`);
  expect(told).toEqual([{ n: '1' }, { n: '2' }, { n: '3' }]);
});

test('each change of a host in a batch is told against what stood before it, and the last one stands', async () => {
  await dataSource.query(`insert into region (id, name, endpoint) values ('lagos-9', 'lagos-9', 'http://x/lagos-9')`);
  const at = { epoch: EPOCH, sequence: '0' };
  const sink = snapshotSink({ dataSource, log: quiet, now }, 'inventory', 'lagos-9', { from: START, at });
  const state = { administrative: 'UNLOCKED', operational: 'ENABLED', availability: 'AVAILABLE' };
  await sink.page([{ entityId: 'a', row: { ...state, hostname: 'a' } }]);
  await sink.complete();
  const change = (sequence: number, entityId: string, availability: string, kind = 'HOST_CHANGED') => ({
    ...{ sequence: String(sequence), at: '2026-01-01T00:00:00.000Z', kind, entityId },
    row: { ...state, hostname: entityId, availability },
  });
  const changes = [
    change(1, 'a', 'DEGRADED'),
    change(2, 'b', 'AVAILABLE'),
    change(3, 'a', 'FAILED'),
    change(4, 'b', 'AVAILABLE', 'HOST_REMOVED'),
    change(5, 'a', 'FAILED'),
  ];
  await mirrorWriter(dataSource, () => {}).apply({ region: 'lagos-9', source: 'inventory', changes });
  const log = await dataSource.query(
    `select kind, host ->> 'hostname' as host, host ->> 'availability' as now, before ->> 'availability' as before
     from host_log where region = 'lagos-9' order by position`,
  );
  expect(log.map((row: Record<string, string>) => Object.values(row).join(' '))).toEqual([
    'ADDED a AVAILABLE ',
    'CHANGED a DEGRADED AVAILABLE',
    'ADDED b AVAILABLE ',
    'CHANGED a FAILED DEGRADED',
    'REMOVED b AVAILABLE ',
  ]);
  const left = await dataSource.query(`select id, availability from mirror_host where region = 'lagos-9'`);
  expect(left).toEqual([{ id: 'lagos-9/a', availability: 'FAILED' }]);
});

test('a snapshot that comes after another writer has moved on is refused and changes nothing', async () => {
  await aRegion('lagos-2', '3');
  const late = sinkOf('lagos-2', START, '2');
  await late.page(sent(1, 2));
  await expect(late.complete()).rejects.toThrow('another writer moved it');
  expect(await mirrored('lagos-2')).toEqual([]);
});

test('a snapshot whose staged rows another writer threw away is refused and changes nothing', async () => {
  await aRegion('lagos-3', '3');
  const [first, second] = [1, 2].map(() => sinkOf('lagos-3', { epoch: EPOCH, sequence: '3' }, '5'));
  await first!.page(sent(1, 2));
  await second!.page(sent(1, 2, 4));
  await expect(first!.complete()).rejects.toThrow('not whole');
  await second!.complete();
  expect(await mirrored('lagos-3')).toEqual(['1', '2', '4']);
});

test('a difference that is found is logged with what it was, and none when there is none', async () => {
  await aRegion('lagos-4', '3');
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const at: Position = { epoch: EPOCH, sequence: '3' };
  for (let time = 0; time < 2; time++) {
    const check = sinkOf('lagos-4', at, '3', log);
    await check.page(sent(1));
    await check.page(sent(2, 3));
    await check.complete();
  }
  expect(lines).toMatchObject([
    {
      region: 'lagos-4',
      source: 'faults',
      sequence: '3',
      missing: 3,
      extra: 0,
      changed: 0,
      msg: expect.stringMatching(/differed/),
    },
  ]);
  expect(lines[0]!['examples']).toHaveLength(3);
});

test('what an updated region says beyond what the mirror has is taken over and is no difference', async () => {
  await aRegion('lagos-5', '3');
  const at: Position = { epoch: EPOCH, sequence: '3' };
  const first = sinkOf('lagos-5', at, '4');
  await first.page(sent(1));
  await first.complete();
  await dataSource.query(
    `update mirror_alarm set alarm = alarm - 'title' || '{"note":{"by":"ann"}}' where region = 'lagos-5'`,
  );
  const check = sinkOf('lagos-5', { epoch: EPOCH, sequence: '4' }, '4');
  await check.page(sent(1));
  await check.complete();
  const [row] = await dataSource.query(`select alarm ? 'title' as whole from mirror_alarm where region = 'lagos-5'`);
  expect(row.whole).toBe(true);
  const report = await dataSource.query(
    `select missing + extra + changed as n from region_alignment where region = 'lagos-5'`,
  );
  expect(report).toEqual([{ n: 0 }]);
});
