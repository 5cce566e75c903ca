// Follows a region's change stream for ever: reconnects with growing pauses, hands changes on in order, and never skips:
// a gap in the count ends the connection, and the next one starts again from the last stored position. What the region
// no longer keeps, or counts anew, comes as a snapshot of its current rows instead.

import { BEAT_MS, readLines, StreamLost } from '../../runtime/line-stream.ts';
import type { Logger } from '../../runtime/log.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph } from '../../schema/sources.ts';
import { type AppliedAhead, appliedAhead } from './applied-ahead.ts';
import { type ChangeLine, type OfferedHead, SNAPSHOTS_HEADER, toQuery, type WantedSource } from './change-lines.ts';
import type { Change, OutboxHead } from './outbox.ts';
import { type SnapshotIntake, type SnapshotSink, snapshotIntake } from './snapshot-intake.ts';

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
  /** A snapshot for the head `at` begins, while the copy stands at `from`: equal to it when it is only to be compared. */
  snapshot(source: EdgeSubgraph, from: Position, at: OutboxHead): SnapshotSink;
  /** Stores changes and the new position in one transaction. */
  apply(source: EdgeSubgraph, changes: readonly Change[]): Promise<void>;
  /** All that the region had at the connection's start has been applied; once per connection. */
  aligned?(): void;
  /** The region said which schemas it runs: hash by subgraph; once per connection. */
  met?(schemas: Readonly<Record<string, string>>): Promise<void>;
  /** Something was heard: hello, changes or a heartbeat; with the heads of the region's outboxes where it tells them. */
  heard(heads: Partial<Record<EdgeSubgraph, OutboxHead>>): void;
  lost(reason: string): void;
}

export interface Follower {
  /** Resolves when the signal has ended it. */
  readonly ended: Promise<void>;
  /** Asks for a snapshot of every source at the position that the copy has then, to compare with. */
  check(): void;
}

const HASH = /^[0-9a-f]{8,64}$/;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 2_000; // a region that comes back is whole again within seconds

/** `INSTEAD` of the changes that are not there, or `BESIDE` them. */
type Snapshots = ReadonlyMap<EdgeSubgraph, 'INSTEAD' | 'BESIDE'>;
const NONE: Snapshots = new Map();

export function follow(deps: FollowerDeps): Follower {
  const check = { isDue: false };
  let connection = new AbortController();

  const followAll = async (): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    let snapshots = NONE;
    while (!deps.signal.aborted) {
      connection = new AbortController();
      try {
        snapshots = await followOnce({ ...deps, check, cut: connection.signal }, snapshots, () => {
          pause = FIRST_PAUSE_MS;
        });
        continue; // connect again at once, with what is wanted now
      } catch (error) {
        snapshots = NONE;
        if (deps.signal.aborted) return;
        if (connection.signal.aborted) continue; // cut by us
        if (!(error instanceof StreamLost)) deps.log.warn({ err: error, region: deps.region }, 'following failed');
        deps.lost(error instanceof Error ? error.message : String(error));
      }
      await rest(pause * (0.75 + Math.random() / 2), deps.signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  };
  return {
    ended: followAll(),
    check: () => {
      if (check.isDue) return; // one that is under way must come to its end
      check.isDue = true;
      connection.abort();
    },
  };
}

interface Connection extends FollowerDeps {
  /** Stays due until all sources have been compared. */
  readonly check: { isDue: boolean };
  readonly cut: AbortSignal;
}

/** Answers the snapshots that the next connection must ask for. */
async function followOnce(deps: Connection, asked: Snapshots, connected: () => void): Promise<Snapshots> {
  const ahead = appliedAhead();
  try {
    return await readStream(deps, asked, ahead, connected);
  } finally {
    await ahead.settled().catch(() => undefined); // the next connection asks where this one came to
  }
}

async function readStream(
  deps: Connection,
  asked: Snapshots,
  ahead: AppliedAhead,
  connected: () => void,
): Promise<Snapshots> {
  const positions = await deps.positions();
  const standing = new Map(positions);
  const due = new Map<EdgeSubgraph, bigint>();
  const pending = new Set(asked.keys());
  let intake: SnapshotIntake | undefined;
  let isAligned = false;
  for await (const line of readLines<ChangeLine>({
    url: `${deps.door}/changes?${toQuery(wantedOf(positions, asked))}`,
    headers: { ...deps.headers, [SNAPSHOTS_HEADER]: 'yes' },
    signal: AbortSignal.any([deps.signal, deps.cut]),
  })) {
    if ('hello' in line) {
      if (line.hello.region !== deps.region) throw new StreamLost(`is region ${line.hello.region}, not ${deps.region}`);
      await deps.met?.(hashesOf(line.hello.schemas));
      const next = await wantedNext(deps, positions, asked, line.hello.heads);
      if (next) return next;
      for (const source of positions.keys()) due.set(source, BigInt(line.hello.heads[source]!.sequence));
      intake = snapshotIntake((source, at) => deps.snapshot(source, standing.get(source)!, at));
      connected();
    }
    deps.heard(headsIn(line));
    if ('changes' in line) {
      expectNoGap(line.source, standing.get(line.source)!.sequence, line.changes);
      await whileHeard(deps, ahead.push(line.changes.length, deps.apply(line.source, line.changes)));
      moveTo(standing, line.source, { sequence: line.changes.at(-1)!.sequence });
    }
    if ('snapshot' in line) await whileHeard(deps, ahead.settled()); // it belongs to the number that they lead to
    if ('snapshot' in line && (await intake?.take(line.snapshot))) {
      moveTo(standing, line.snapshot.source, line.snapshot.at);
      pending.delete(line.snapshot.source);
      if (pending.size === 0 && deps.check.isDue) {
        if (asked.size < positions.size) return NONE; // only some were taken: the comparison is still to come
        deps.check.isDue = false;
      }
    }
    const isWhole = [...due].every(([source, sequence]) => BigInt(standing.get(source)!.sequence) >= sequence);
    if (isAligned || due.size === 0 || !isWhole || [...pending].some(source => asked.get(source) === 'INSTEAD'))
      continue;
    await whileHeard(deps, ahead.settled());
    isAligned = true;
    deps.aligned?.();
  }
  throw new StreamLost('closed the connection');
}

/** Goes to every gateway with the table of all regions: what is no hash must not spoil that. */
const hashesOf = (given: Readonly<Record<string, unknown>> | null | undefined): Record<string, string> =>
  Object.fromEntries(
    EDGE_SUBGRAPHS.flatMap(name => {
      const hash = given?.[name];
      return typeof hash === 'string' && HASH.test(hash) ? [[name, hash]] : [];
    }),
  );

/** What a region sent waits for its turn to be stored: that says nothing against the region. */
async function whileHeard(deps: FollowerDeps, stored: Promise<void>): Promise<void> {
  const beats = setInterval(() => deps.heard({}), BEAT_MS);
  try {
    await stored;
  } finally {
    clearInterval(beats);
  }
}

function headsIn(line: ChangeLine): Partial<Record<EdgeSubgraph, OutboxHead>> {
  if ('hello' in line) return line.hello.heads;
  return 'beat' in line ? (line.heads ?? {}) : {}; // a region that runs an older release tells none
}

const moveTo = (standing: Map<EdgeSubgraph, Position>, source: EdgeSubgraph, at: Partial<Position>): void =>
  void standing.set(source, { ...standing.get(source)!, ...at });

const wantedOf = (positions: Positions, asked: Snapshots): Map<EdgeSubgraph, WantedSource> =>
  new Map(
    [...positions].map(([source, { sequence }]) => {
      const after = asked.get(source) === 'INSTEAD' ? null : sequence;
      return [source, { after, snapshot: asked.has(source) }];
    }),
  );

/** Null when the connection may go on as it was asked for. */
async function wantedNext(
  deps: Connection,
  positions: Positions,
  asked: Snapshots,
  heads: Partial<Record<EdgeSubgraph, OfferedHead>>,
): Promise<Snapshots | null> {
  const lacking = [...positions].filter(
    ([source, position]) => asked.get(source) !== 'INSTEAD' && !continues(position, headOf(heads, source)),
  );
  const offered = [...positions.keys()].every(source => headOf(heads, source).oldest !== undefined);
  const instead = [...asked].filter(([, how]) => how === 'INSTEAD').map(([source]) => source);
  if (offered && lacking.length > 0)
    return new Map([...instead, ...lacking.map(([source]) => source)].map(source => [source, 'INSTEAD']));
  if (offered && deps.check.isDue && asked.size === 0)
    return new Map([...positions.keys()].map(source => [source, 'BESIDE']));
  let isElsewhere = false;
  for (const [source, position] of lacking) {
    // a region of an older release has all its changes: nothing at 0 stands for a snapshot
    const { epoch } = headOf(heads, source);
    await deps.snapshot(source, position, { epoch, sequence: '0' }).complete();
    isElsewhere ||= position.sequence !== '0';
  }
  return isElsewhere ? NONE : null;
}

function headOf(heads: Partial<Record<EdgeSubgraph, OfferedHead>>, source: EdgeSubgraph): OfferedHead {
  const head = heads[source];
  if (!head) throw new StreamLost(`does not offer the changes of ${source}`);
  return head;
}

/** Whether the changes after the position are there: the same count, not begun anew, and kept so far back. */
const continues = ({ epoch, sequence }: Position, head: OfferedHead): boolean =>
  head.epoch === epoch && BigInt(head.sequence) >= BigInt(sequence) && BigInt(sequence) >= BigInt(head.oldest ?? 0);

function expectNoGap(source: EdgeSubgraph, last: string, changes: readonly Change[]): void {
  let expected = BigInt(last);
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
