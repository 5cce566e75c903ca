// How fast a region takes alarms in bulk, against two floors: bare multi-row inserts into the same durable PostgreSQL of the
// very same alarm rows alone, and of all three rows that each raise or clear stores (alarm, transition, outbox). Ours also
// reads what there is, decides, numbers and tells.
// `node --import tsx bench/ingest.ts`; prints a table and, as the last line, one JSON object.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Table from 'cli-table3';
import { type Logger, pino } from 'pino';
import type { DataSource } from 'typeorm';
import { startEmbeddedPostgres } from '../launcher/embedded-postgres.ts';
import { readCatalogue } from '../subgraphs/catalogue/catalogue.ts';
import { type AlarmService, alarmService, type WantedAlarm } from '../subgraphs/edge/faults/alarms/alarm-service.ts';
import { alarmHistory } from '../subgraphs/edge/faults/history/alarm-history.ts';
import { faultsTables } from '../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../subgraphs/runtime/database.ts';
import { openOutbox } from '../subgraphs/runtime/outbox.ts';
import { outboxChannel } from '../subgraphs/runtime/subgraph.ts';
import { freePort } from '../test/support/free-ports.ts';
import { countOf, insertAlarms, insertAll, makeFloorTables, storedBy } from './ingest-store.ts';

const ROUNDS = 5; // medians of these; ours and the floor take turns, so that a noisy neighbour meets both
const CALLS = 5;
const PER_CALL = 1_000;
// the configuration's defaults
const RETENTION = { historyDays: 90, historyRows: 5_000_000 };
const FLAPPING = { raises: 5, windowMs: 600_000, quietMs: 600_000 };

type Kind = 'floor' | 'floorAll' | 'raise' | 'resend' | 'clear';

async function main(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-bench-'));
  fs.chmodSync(folder, 0o711); // as root the server runs as another user, who must get through
  const server = await startEmbeddedPostgres({ folder: path.join(folder, 'postgres'), port: await freePort() });
  try {
    const log = pino({ level: 'silent' });
    const dataSource = await openDatabase({
      url: server.url,
      database: 'bench',
      tables: faultsTables,
      poolSize: 4,
      log,
    });
    report(await measure(dataSource, log));
    await dataSource.destroy();
  } finally {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(dataSource: DataSource, log: Logger): Promise<Record<Kind, number>> {
  const now = () => new Date();
  const outbox = openOutbox({ dataSource, channel: outboxChannel('faults'), now });
  const history = alarmHistory({ sql: dataSource, outbox, retention: RETENTION, log, now });
  await history.sweep();
  const deps = { sql: dataSource, outbox, catalogue: readCatalogue(), history, flapping: FLAPPING };
  const alarms = alarmService({ ...deps, now, newId: randomUUID });
  await makeFloorTables(dataSource);
  const rates: Record<Kind, number[]> = { floor: [], floorAll: [], raise: [], resend: [], clear: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const rate = await measureRound(dataSource, alarms, `r${round}`);
    if (round > 0) for (const kind of Object.keys(rate) as Kind[]) rates[kind].push(rate[kind]); // the first one warms up
  }
  const all = (ROUNDS + 1) * CALLS * PER_CALL;
  const counts: number[] = [];
  for (const table of ['alarm', 'bench_alarm_alone', 'bench_alarm', 'bench_alarm_transition', 'bench_outbox'])
    counts.push(await countOf(dataSource, table));
  const changes = await countOf(dataSource, 'outbox');
  if (counts.some(count => count !== all) || changes !== 2 * all)
    throw new Error(
      `${all} alarms were sent; there are ${counts.join(' and ')}, and ${changes} changes of ${2 * all}.`,
    );
  return {
    floor: median(rates.floor),
    floorAll: median(rates.floorAll),
    raise: median(rates.raise),
    resend: median(rates.resend),
    clear: median(rates.clear),
  };
}

async function measureRound(sql: DataSource, alarms: AlarmService, round: string): Promise<Record<Kind, number>> {
  const batches = Array.from({ length: CALLS }, (_, call) => `${round}c${call}n`);
  const raise = await rowsPerSecond(batches, host => alarms.settle(wanted(host, true)));
  const resend = await rowsPerSecond(batches, host => alarms.settle(wanted(host, true)));
  const stored = new Map(await Promise.all(batches.map(async host => [host, await storedBy(sql, host)] as const)));
  const floor = await rowsPerSecond(batches, host => insertAlarms(sql, stored.get(host)!));
  const floorAll = await rowsPerSecond(batches, host => sql.transaction(tx => insertAll(tx, stored.get(host)!)));
  const clear = await rowsPerSecond(batches, host => alarms.settle(wanted(host, false)));
  return { raise, resend, floor, floorAll, clear };
}

function wanted(host: string, open: boolean): WantedAlarm[] {
  return Array.from({ length: PER_CALL }, (_, i) => {
    const key = { alarmId: '100.104', entityInstanceId: `host=${host}${i}.filesystem=/var/lib/docker` };
    const reasonText = `Usage of file system /var/lib/docker on ${host}${i} is 93.0 %; the critical threshold is 90 %`;
    return { key, decide: () => (open ? { ...key, severity: 'CRITICAL', reasonText } : null) };
  });
}

async function rowsPerSecond(batches: readonly string[], call: (host: string) => Promise<unknown>): Promise<number> {
  const before = performance.now();
  for (const host of batches) await call(host);
  return (batches.length * PER_CALL * 1_000) / (performance.now() - before);
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const WORDS: Readonly<Record<Kind, string>> = {
  floor: 'bare insert of the alarms (floor)',
  floorAll: 'bare insert of all three rows of each',
  raise: 'raise',
  resend: 'raise again, nothing new',
  clear: 'clear',
};

function report(rates: Record<Kind, number>): void {
  const table = new Table({ head: [`${PER_CALL} a call`, 'rows/s', 'of the floor'], style: { head: [], border: [] } });
  for (const kind of Object.keys(WORDS) as Kind[])
    table.push([WORDS[kind], Math.round(rates[kind]), (rates[kind] / rates.floor).toFixed(2)]);
  console.log(table.toString());
  const rounded = Object.fromEntries(
    Object.entries(rates).map(([kind, rate]) => [`${kind}PerSecond`, Math.round(rate)]),
  );
  const ratio = (ours: Kind, floor: Kind): number => Number((rates[ours] / rates[floor]).toFixed(3));
  const ratios = {
    ratioFloor: ratio('raise', 'floor'),
    ratioFloorClear: ratio('clear', 'floor'),
    ratioSameRows: ratio('raise', 'floorAll'),
    ratioSameRowsClear: ratio('clear', 'floorAll'),
  };
  console.log(
    JSON.stringify({ name: 'ingest', ...ratios, target: 0.5, rounds: ROUNDS, perCall: PER_CALL, ...rounded }),
  );
}

await main();
