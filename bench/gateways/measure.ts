// Rounds in which every engine has its turn, so that a noisy neighbour meets them all; medians of the rounds.
import type { EngineProcess } from './engine-process.ts';
import { nameOf } from './engines.ts';
import type { Clients } from './load.ts';

export interface Measured {
  /** CPU time of the engine's process for one request. */
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  /** Requests to subgraphs for one request of a client. */
  readonly fetches: number;
}

export interface Contestant {
  readonly process: EngineProcess;
  readonly clients: Clients;
}

export interface Rounds {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

export async function measureAll(
  contestants: readonly Contestant[],
  { rounds, roundMs, warmUpMs }: Rounds,
  fetchesSoFar: () => Promise<number>,
): Promise<ReadonlyMap<Contestant, Measured>> {
  const measured = new Map<Contestant, Measured[]>(contestants.map(contestant => [contestant, []]));
  for (const { clients, process } of contestants) {
    console.error(`warming ${nameOf(process.engine)}`);
    await warmUp(clients, warmUpMs);
  }
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const contestant of contestants)
      measured.get(contestant)!.push(await measureRound(contestant, roundMs, fetchesSoFar));
  }
  return new Map([...measured].map(([contestant, each]) => [contestant, mediansOf(each)]));
}

const WARM_REQUESTS = 400; // V8 compiles by how often a function ran: on a busy machine seconds say little
const LONGEST_WARM_UP_MS = 20_000;

async function warmUp(clients: Clients, warmUpMs: number): Promise<void> {
  const until = Date.now() + LONGEST_WARM_UP_MS;
  let { requests } = await clients.run(warmUpMs);
  while (requests < WARM_REQUESTS && Date.now() < until) requests += (await clients.run(warmUpMs)).requests;
}

async function measureRound(
  { process, clients }: Contestant,
  roundMs: number,
  fetchesSoFar: () => Promise<number>,
): Promise<Measured> {
  const fetchesBefore = await fetchesSoFar();
  const cpuBefore = process.cpuMs();
  const { requests, tookMs, latencies } = await clients.run(roundMs);
  const cpuMs = (process.cpuMs() - cpuBefore) / requests;
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return {
    cpuMs,
    perSecond: (requests * 1_000) / tookMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    rssMb: process.rssMb(),
    fetches: ((await fetchesSoFar()) - fetchesBefore - 1) / requests, // asking for the count is one
  };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function mediansOf(rounds: readonly Measured[]): Measured {
  const of = (name: keyof Measured): number => median(rounds.map(round => round[name]));
  return {
    cpuMs: of('cpuMs'),
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    rssMb: of('rssMb'),
    fetches: of('fetches'),
  };
}
