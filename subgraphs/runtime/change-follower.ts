// Follows a region's change stream for ever: reconnects with growing pauses, hands changes on in order, and never skips:
// a gap in the count ends the connection, and the next one starts again from the last stored position.

import { readLines, StreamLost } from '../../runtime/line-stream.ts';
import type { Logger } from '../../runtime/log.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph } from '../../schema/sources.ts';
import type { ChangeLine } from './change-stream.ts';
import type { Change, OutboxHead } from './outbox.ts';

export interface Position {
  readonly epoch: string | null;
  readonly sequence: string;
}

export type Positions = ReadonlyMap<EdgeSubgraph, Position>;

export interface FollowerDeps {
  readonly region: string;
  /** `http://host:port/<region>` */
  readonly door: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Where to start; asked before each connection. */
  positions(): Promise<Positions>;
  /** The region's count began anew: forget what was copied from it and start at 0. */
  restart(source: EdgeSubgraph, head: OutboxHead): Promise<void>;
  /** Stores changes and the new position in one transaction. */
  apply(source: EdgeSubgraph, changes: readonly Change[]): Promise<void>;
  /** All that the region had at the connection's start has been applied; once per connection. */
  aligned?(): void;
  /** The region said which schemas it runs: hash by subgraph; once per connection. */
  met?(schemas: Readonly<Record<string, string>>): Promise<void>;
  /** Something was heard: hello, changes or a heartbeat. */
  heard(): void;
  lost(reason: string): void;
}

const HASH = /^[0-9a-f]{8,64}$/;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000; // a region that comes back is whole again within seconds

export async function follow(deps: FollowerDeps): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!deps.signal.aborted) {
    try {
      await followOnce(deps, () => {
        pause = FIRST_PAUSE_MS;
      });
    } catch (error) {
      if (deps.signal.aborted) return;
      if (!(error instanceof StreamLost)) deps.log.warn({ err: error, region: deps.region }, 'following failed');
      deps.lost(error instanceof Error ? error.message : String(error));
    }
    await rest(pause * (0.75 + Math.random() / 2), deps.signal);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

async function followOnce(deps: FollowerDeps, connected: () => void): Promise<void> {
  const positions = await deps.positions();
  const last = new Map([...positions].map(([source, position]) => [source, BigInt(position.sequence)]));
  const due = new Map<EdgeSubgraph, bigint>();
  let isAligned = false;
  const query = [...positions].map(([source, { sequence }]) => `${source}=${sequence}`).join('&');
  for await (const line of readLines<ChangeLine>({
    url: `${deps.door}/changes?${query}`,
    headers: deps.headers,
    signal: deps.signal,
  })) {
    if ('hello' in line) {
      if (line.hello.region !== deps.region) throw new StreamLost(`is region ${line.hello.region}, not ${deps.region}`);
      await deps.met?.(hashesOf(line.hello.schemas));
      if (await restarted(deps, positions, line.hello.heads)) return; // connect again from the new positions
      for (const source of positions.keys()) due.set(source, BigInt(line.hello.heads[source]!.sequence));
      connected();
    }
    deps.heard();
    if ('changes' in line) {
      expectNoGap(line.source, last.get(line.source) ?? 0n, line.changes);
      await deps.apply(line.source, line.changes);
      last.set(line.source, BigInt(line.changes.at(-1)?.sequence ?? 0));
    }
    if (isAligned || [...due].some(([source, sequence]) => (last.get(source) ?? 0n) < sequence)) continue;
    isAligned = true;
    deps.aligned?.();
  }
}

/** Goes to every gateway with the table of all regions: what is no hash must not spoil that. */
const hashesOf = (given: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    EDGE_SUBGRAPHS.flatMap(name => {
      const hash = given?.[name];
      return typeof hash === 'string' && HASH.test(hash) ? [[name, hash]] : [];
    }),
  );

async function restarted(
  deps: FollowerDeps,
  positions: Positions,
  heads: Partial<Record<EdgeSubgraph, OutboxHead>>,
): Promise<boolean> {
  let any = false;
  for (const [source, position] of positions) {
    const head = heads[source];
    if (!head) throw new StreamLost(`does not offer the changes of ${source}`);
    if (head.epoch === position.epoch && BigInt(head.sequence) >= BigInt(position.sequence)) continue;
    if (position.epoch !== null)
      deps.log.warn({ region: deps.region, source }, 'the region began a new count: copied anew');
    await deps.restart(source, head);
    any ||= position.sequence !== '0';
  }
  return any;
}

function expectNoGap(source: EdgeSubgraph, last: bigint, changes: readonly Change[]): void {
  let expected = last;
  for (const { sequence } of changes)
    if (BigInt(sequence) !== ++expected)
      throw new StreamLost(`sent change ${sequence} of ${source} where ${expected} was due`);
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
