// Measures what the fleet service answers against the bare SQL of the same on the same database. The mirror does not run: it
// would find that the regions of a bench are not there.
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { Pool } from 'undici';
import { fleetTables } from '../../subgraphs/central/fleet/tables.ts';
import { centreDatabase, databaseUrl, prepareDatabase } from '../../subgraphs/runtime/database.ts';
import { freePort } from '../../test/support/free-ports.ts';
import { holdLeadership } from '../fleet-list-store.ts';
import { type BenchServer, cpuMsOf, median } from './bench-server.ts';

const ROUNDS = 15; // medians of these; the door and the bare SQL take turns, so that a noisy neighbour meets both
const WARM_ROUNDS = 3;
const WARM_UP = 150; // requests before the first measured one: a service that serves has its code compiled

export interface Case {
  readonly name: string;
  ask(): Promise<unknown>;
  bare(): Promise<unknown>;
}

export interface Fleet {
  readonly regions: number;
  readonly pid: number;
  readonly cases: readonly Case[];
}

export async function openFleet(
  server: BenchServer,
  regions: number,
  seed: (sql: DataSource) => Promise<void>,
  casesOf: (sql: DataSource, ask: Ask) => Promise<Case[]>,
): Promise<Fleet> {
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
  await seed(sql);
  await holdLeadership(sql);
  const { pid, url } = await server.run('fleet', {
    database: { url: server.url, prefix },
    fleet: { port: await freePort() },
  });
  const pool = new Pool(new URL(url).origin, { connections: 1 });
  const ask = (query: string, variables: object = {}) => asked(pool, query, variables);
  return { regions, pid, cases: await casesOf(sql, ask) };
}

export type Ask = (query: string, variables?: object) => Promise<unknown>;

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

export interface Timed {
  readonly name: string;
  readonly regions: number;
  /** ms, medians. */
  readonly ours: number;
  readonly bare: number;
  readonly cpu: number;
}

/** Fleets, doors and bare SQL take turns within each case: a noisy neighbour meets all of them. */
export async function measure(fleets: readonly Fleet[]): Promise<Timed[]> {
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

export const round = (ms: number): number => Number(ms.toFixed(2));
