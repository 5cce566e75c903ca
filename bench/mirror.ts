// How fast one mirror takes in the changes of many regions: first at a steady 2,000 changes a second, which must neither
// grow a backlog nor lose anything, then all that it can take. `npm run bench -- mirror [changes a second] [seconds] [regions,…]`.
import Table from 'cli-table3';
import { type Logger, pino } from 'pino';
import { DataSource } from 'typeorm';
import { fleetTables } from '../subgraphs/central/fleet/tables.ts';
import { centreDatabase, databaseUrl, prepareDatabase } from '../subgraphs/runtime/database.ts';
import { freePort } from '../test/support/free-ports.ts';
import { accounts, addRegions, backends, commits, mirrored } from './mirror-store.ts';
import { type BenchPart, type BenchServer, cpuMsOf, onBenchServer } from './support/bench-server.ts';
import { type SimulatedRegions, simulateRegions } from './support/simulated-regions.ts';

const OFFERED = Number(process.argv[2] ?? 2_000); // changes a second, all regions together
const SECONDS = Number(process.argv[3] ?? 15);
const SIZES = (process.argv[4]?.split(',') ?? [10, 50, 200]).map(Number); // regions
const FLOOD = 40_000; // changes that wait at once
const TICK_MS = 25;
const WARM_UP_MS = 5_000;

interface Measured {
  readonly regions: number;
  readonly sustained: number;
  /** Changes committed in regions and not yet mirrored: the most that were seen in either half of the time. */
  readonly backlog: readonly [first: number, second: number];
  /** CPU ms that a thousand changes cost the fleet service and its database: they say more than rates on a busy machine. */
  readonly cpuFleet: number;
  readonly cpuDatabase: number;
  readonly group: number;
  readonly most: number;
  readonly lost: number;
}

interface Bench {
  readonly sql: DataSource;
  readonly fleet: BenchPart;
  readonly regions: SimulatedRegions;
}

async function measure(server: BenchServer, count: number, log: Logger): Promise<Measured> {
  const ids = Array.from({ length: count }, (_, i) => `r${i}`);
  const regions = await simulateRegions(ids, log);
  const prefix = `r${count}`;
  const database = centreDatabase(prefix);
  await prepareDatabase({ url: server.url, database, tables: fleetTables, poolSize: 1, log });
  const sql = new DataSource({
    type: 'postgres',
    url: databaseUrl(server.url, database),
    poolSize: 1,
    installExtensions: false,
    extra: { options: '-c search_path=fleet' },
  });
  await sql.initialize();
  await addRegions(sql, regions.doors);
  const fleet = await server.run('fleet', {
    database: { url: server.url, prefix },
    fleet: { port: await freePort() },
  });
  const bench: Bench = { sql, fleet, regions };
  regions.commit(1);
  await caughtUp(bench, count);
  await offer(bench, count, WARM_UP_MS);
  const before = await mirrored(sql);
  const commitsBefore = await commits(sql);
  const pids = await backends(sql);
  const cpuBefore = cpuOf([fleet.pid], pids);
  const began = performance.now();
  const backlog = await offer(bench, count, SECONDS * 1_000);
  const seconds = (performance.now() - began) / 1_000;
  const taken = (await mirrored(sql)) - before;
  const cpu = cpuOf([fleet.pid], pids).map((ms, i) => ((ms - cpuBefore[i]!) * 1_000) / taken);
  const group = taken / ((await commits(sql)) - commitsBefore);
  await caughtUp(bench, count);
  const floodBegan = performance.now();
  regions.commit(FLOOD / count);
  await caughtUp(bench, count);
  const most = FLOOD / ((performance.now() - floodBegan) / 1_000);
  const lost = await expectNoLoss(bench);
  await fleet.stop();
  await sql.destroy();
  await regions.close();
  const [cpuFleet, cpuDatabase] = [cpu[0]!, cpu[1]!];
  return { regions: count, sustained: taken / seconds, backlog, cpuFleet, cpuDatabase, group, most, lost };
}

const cpuOf = (...groups: readonly (readonly number[])[]): number[] =>
  groups.map(pids => pids.reduce((sum, pid) => sum + (cpuMsOf(pid) ?? 0), 0));

/** Commits at the offered rate, whatever the mirror does; answers the largest backlog of each half. */
async function offer({ sql, regions }: Bench, count: number, ms: number): Promise<[number, number]> {
  const began = performance.now();
  const start = regions.head('r0');
  const backlog: [number, number] = [0, 0];
  let looking: Promise<void> | undefined;
  for (let elapsed = 0; elapsed < ms; elapsed = performance.now() - began) {
    const due = start + Math.floor((OFFERED * elapsed) / 1_000 / count);
    const more = due - regions.head('r0');
    if (more > 0) regions.commit(more);
    const half = elapsed < ms / 2 ? 0 : 1;
    looking ??= mirrored(sql).then(n => {
      backlog[half] = Math.max(backlog[half], regions.head('r0') * count - n);
      looking = undefined;
    });
    await new Promise(resolve => setTimeout(resolve, TICK_MS));
  }
  await looking;
  return backlog;
}

async function caughtUp({ sql, regions }: Bench, count: number): Promise<void> {
  while ((await mirrored(sql)) < regions.head('r0') * count) await new Promise(resolve => setTimeout(resolve, 5));
}

/** The oracle: per region, what was committed = where the mirror stands = what the feed tells, in order, without a gap. */
async function expectNoLoss({ sql, regions }: Bench): Promise<number> {
  let lost = 0;
  for (const { region, position, told, inOrder } of await accounts(sql)) {
    const committed = regions.head(region);
    lost += committed - inOrder;
    if (position !== committed || told !== committed || inOrder !== committed)
      console.error(`${region}: ${committed} committed, mirrored to ${position}, ${told} told, ${inOrder} in order`);
  }
  return lost;
}

function report(all: readonly Measured[]): void {
  const table = new Table({
    head: [
      'regions',
      `changes/s of ${OFFERED}`,
      'backlog, 1st half',
      '2nd half',
      'CPU ms/1,000',
      'of the database',
      'changes a commit',
      'at most/s',
      'lost',
    ],
    style: { head: [], border: [] },
  });
  for (const { regions, sustained, backlog, cpuFleet, cpuDatabase, group, most, lost } of all)
    table.push([
      regions,
      Math.round(sustained),
      ...backlog,
      Math.round(cpuFleet),
      Math.round(cpuDatabase),
      Math.round(group),
      Math.round(most),
      lost,
    ]);
  console.log(table.toString());
  const rounded = all.map(m => ({
    ...m,
    sustained: Math.round(m.sustained),
    cpuFleet: Math.round(m.cpuFleet),
    cpuDatabase: Math.round(m.cpuDatabase),
    group: Math.round(m.group),
    most: Math.round(m.most),
  }));
  console.log(JSON.stringify({ name: 'mirror', offered: OFFERED, seconds: SECONDS, target: 2_000, all: rounded }));
}

await onBenchServer(async server => {
  const log = pino({ level: 'warn' });
  const all: Measured[] = [];
  for (const count of SIZES) all.push(await measure(server, count, log));
  report(all);
  if (all.some(({ lost }) => lost !== 0)) process.exitCode = 1;
});
