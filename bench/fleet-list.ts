// Fleet-wide lists at 250,000 open alarms over 10, 100 and 1,000 regions, through the fleet service's door, against the
// bare SQL of the same page on the same database. `npm run bench -- fleet-list [alarms]`.
import Table from 'cli-table3';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { Pool } from 'undici';
import { freePort } from '../launcher/ports.ts';
import { fleetTables } from '../subgraphs/central/fleet/tables.ts';
import { encodeCursor } from '../subgraphs/runtime/connection.ts';
import { centreDatabase, databaseUrl, prepareDatabase } from '../subgraphs/runtime/database.ts';
import {
  type BareList,
  bareCount,
  barePage,
  bareSummary,
  endOfPage,
  FILTERED,
  holdLeadership,
  type PageEnd,
  seedFleet,
} from './fleet-list-store.ts';
import { type BenchServer, cpuMsOf, median, onBenchServer } from './support/bench-server.ts';

const ALARMS = Number(process.argv[2] ?? 250_000);
const HOSTS = 20_000;
const SIZES = [10, 100, 1_000] as const; // regions
const ROUNDS = 15; // medians of these; the door and the bare SQL take turns, so that a noisy neighbour meets both
const WARM_ROUNDS = 3;
const WARM_UP = 150; // requests before the first measured one: a service that serves has its code compiled
const PAGE = 50;
const DEEP = 1_000; // the page far into the list

interface Case {
  readonly name: string;
  ask(): Promise<unknown>;
  bare(): Promise<unknown>;
}

interface Fleet {
  readonly regions: number;
  readonly pid: number;
  readonly cases: readonly Case[];
}

const NODES = `nodes { id alarmId title severity entityInstanceId reasonText raisedAt updatedAt acknowledged { at comment }
  region { id name contact { state } } } pageInfo { hasNextPage endCursor }`;
const SUMMARY = 'nodes { id alarmSummary { critical major minor warning status } }';

async function openFleet(server: BenchServer, regions: number): Promise<Fleet> {
  const prefix = `r${regions}`;
  const database = centreDatabase(prefix);
  const log = pino({ level: 'silent' });
  await prepareDatabase({ url: server.url, database, tables: fleetTables, poolSize: 1, log });
  const sql = new DataSource({
    type: 'postgres',
    url: databaseUrl(server.url, database),
    poolSize: 1,
    installExtensions: false,
    extra: { options: '-c search_path=fleet', idleTimeoutMillis: 0 }, // its one connection holds a lock
  });
  await sql.initialize();
  await seedFleet(sql, regions, HOSTS, ALARMS);
  await holdLeadership(sql);
  const { pid, url } = await server.run('fleet', {
    database: { url: server.url, prefix },
    fleet: { port: await freePort() },
  });
  const pool = new Pool(new URL(url).origin, { connections: 1 });
  const ask = (query: string, variables: object = {}) => asked(pool, query, variables);
  return { regions, pid, cases: await casesOf(sql, ask) };
}

type Ask = (query: string, variables?: object) => Promise<unknown>;

async function asked(pool: Pool, query: string, variables: object): Promise<unknown> {
  const body = JSON.stringify({ query, variables });
  const answer = await pool.request({
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { data, errors } = (await answer.body.json()) as { data: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function casesOf(sql: DataSource, ask: Ask): Promise<Case[]> {
  const all: BareList = { where: 'true', orderBy: 'NEWEST_FIRST' };
  const bySeverity: BareList = { where: 'true', orderBy: 'SEVERITY' };
  const end = await endOfPage(sql, all, PAGE * DEEP);
  const endBySeverity = await endOfPage(sql, bySeverity, PAGE * DEEP);
  const list = (args: string, variables: object = {}) =>
    ask(`query ($filter: AlarmFilter) { alarms(first: ${PAGE}, filter: $filter ${args}) { ${NODES} } }`, variables);
  const cursor = (...key: readonly (string | number)[]) => `after: "${encodeCursor(key.map(String))}"`;
  const half = encodeCursor(['r0499']); // no page has more than 500
  return [
    { name: 'first page', ask: () => list(''), bare: () => barePage(sql, all, PAGE) },
    {
      name: `page ${DEEP}`,
      ask: () => list(cursor(end.raisedAt, end.id)),
      bare: () => barePage(sql, { ...all, where: newerThan(end) }, PAGE),
    },
    {
      name: 'first page, worst first',
      ask: () => list('orderBy: SEVERITY'),
      bare: () => barePage(sql, bySeverity, PAGE),
    },
    {
      name: `page ${DEEP}, worst first`,
      ask: () =>
        list(`orderBy: SEVERITY ${cursor(endBySeverity.severityRank, endBySeverity.raisedAt, endBySeverity.id)}`),
      bare: () => barePage(sql, { ...bySeverity, where: worstAfter(endBySeverity) }, PAGE),
    },
    ...FILTERED.map(([name, filter, where]) => ({
      name: `first page of ${name}`,
      ask: () => list('', { filter }),
      bare: () => barePage(sql, { ...all, where }, PAGE),
    })),
    {
      name: 'totalCount',
      ask: () => ask('{ alarms(first: 1) { totalCount } }'),
      bare: () => bareCount(sql, all),
    },
    {
      name: 'alarmSummary of the fleet',
      ask: () => ask('{ alarmSummary { critical major minor warning status regionsUnknown } }'),
      bare: () => bareSummary(sql),
    },
    {
      name: 'alarmSummary of every region',
      ask: () =>
        ask(`{ a: regions(first: 500) { ${SUMMARY} } b: regions(first: 500, after: "${half}") { ${SUMMARY} } }`),
      bare: () => bareSummary(sql),
    },
  ];
}

const newerThan = (end: PageEnd): string => `(m.raised_at, m.id) < ('${end.raisedAt}', '${end.id}')`;

const worstAfter = (end: PageEnd): string => `m.severity_rank = ${end.severityRank} and ${newerThan(end)}`; // by hand one knows that the page does not cross ranks

interface Timed {
  readonly name: string;
  readonly regions: number;
  /** ms, medians. */
  readonly ours: number;
  readonly bare: number;
  readonly cpu: number;
}

/** Fleets, doors and bare SQL take turns within each case: a noisy neighbour meets all of them. */
async function measure(fleets: readonly Fleet[]): Promise<Timed[]> {
  for (let i = 0; i < WARM_UP; i++) for (const { cases } of fleets) await cases[0]!.ask();
  const timed: Timed[] = [];
  for (const i of fleets[0]!.cases.keys()) {
    const series = fleets.map(({ regions, pid, cases }) => ({
      regions,
      pid,
      ...cases[i]!,
      ours: [],
      bares: [],
      cpu: 0,
    }));
    for (let round = -WARM_ROUNDS; round < ROUNDS; round++) for (const one of series) await takeTurn(one, round >= 0);
    for (const { name, regions, ours, bares, cpu } of series)
      timed.push({ name, regions, ours: median(ours), bare: median(bares), cpu: cpu / ROUNDS });
  }
  return timed;
}

interface Series extends Case {
  readonly pid: number;
  readonly ours: number[];
  readonly bares: number[];
  cpu: number;
}

async function takeTurn(series: Series, counts: boolean): Promise<void> {
  const before = cpuMsOf(series.pid) ?? 0;
  const ours = await msOf(series.ask);
  const cpu = (cpuMsOf(series.pid) ?? 0) - before;
  const bare = await msOf(series.bare);
  if (!counts) return;
  series.ours.push(ours);
  series.bares.push(bare);
  series.cpu += cpu;
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

function report(all: readonly Timed[]): void {
  const head = ['ms, median', ...SIZES.flatMap(n => [`${n} regions`, 'CPU', 'bare SQL', 'ratio'])];
  const table = new Table({ head, style: { head: [], border: [] } });
  const names = [...new Set(all.map(({ name }) => name))];
  const of = (name: string, regions: number) => all.find(t => t.name === name && t.regions === regions)!;
  for (const name of names)
    table.push([
      name,
      ...SIZES.flatMap(n => {
        const { ours, bare, cpu } = of(name, n);
        return [ours.toFixed(1), cpu.toFixed(1), bare.toFixed(1), (ours / bare).toFixed(1)];
      }),
    ]);
  console.log(table.toString());
  const ratio = (name: string) => {
    const { ours, bare } = of(name, 1_000);
    return Number((ours / bare).toFixed(2));
  };
  const growth = (name: string) => Number((of(name, 1_000).ours / of(name, 10).ours).toFixed(2));
  const [first, deep] = ['first page', `page ${DEEP}`] as const;
  console.log(
    JSON.stringify({
      name: 'fleet-list',
      alarms: ALARMS,
      target: 3,
      firstPageRatio: ratio(first),
      deepPageRatio: ratio(deep),
      firstPageGrowth: growth(first),
      deepPageGrowth: growth(deep),
      all: all.map(t => ({ ...t, ours: round(t.ours), bare: round(t.bare), cpu: round(t.cpu) })),
    }),
  );
}

const round = (ms: number): number => Number(ms.toFixed(2));

await onBenchServer(async server => {
  report(await measure(await Promise.all(SIZES.map(regions => openFleet(server, regions)))));
});
process.exit(0); // the connections that the benched fleets hold are of no more use
