// One serial, group-committed stream into the centre's database: whatever the followers brought while the last
// transaction ran goes into the next one. Rows, feed log and positions commit together: exactly once, in order.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { transaction } from '../../../runtime/transaction.ts';
import type { LoggedEvent } from '../feed/feed-store.ts';
import { type HostChange, hostChange } from '../hosts/host-change.ts';
import { appendHostLog } from '../hosts/host-log-store.ts';
import { hostRow } from './mirror-columns.ts';
import type { MirrorHostRow, SentAlarm, SentHost } from './mirror-rows.ts';
import * as store from './mirror-store.ts';

export interface MirrorWriter {
  /** Resolves when the changes are committed. */
  apply(batch: store.Batch): Promise<void>;
}

interface Waiting extends store.Batch {
  done(): void;
  failed(error: unknown): void;
}

/** `told` is handed what was committed to the feed log. */
export function mirrorWriter(dataSource: DataSource, told: (events: readonly LoggedEvent[]) => void): MirrorWriter {
  const waiting: Waiting[] = [];
  let writing = false;

  const drain = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.splice(0, sizeOfGroup(waiting));
      await commit(group);
    }
    writing = false;
  };

  /** Halves a group that fails: one bad batch must not hold up the other regions. */
  const commit = async (group: readonly Waiting[]): Promise<void> => {
    try {
      told(await transaction(dataSource, tx => writeAll(tx, group)));
      for (const { done } of group) done();
    } catch (error) {
      if (group.length === 1) return group[0]!.failed(error);
      const half = group.length >> 1;
      await commit(group.slice(0, half));
      await commit(group.slice(half));
    }
  };

  return {
    apply: batch =>
      new Promise((done, failed) => {
        waiting.push({ ...batch, done, failed });
        void drain();
      }),
  };
}

const PER_COMMIT = 2_000; // changes: what comes next waits no longer than one of these takes

/** How many of the batches that wait go into one commit: at least one. */
function sizeOfGroup(waiting: readonly Waiting[]): number {
  let changes = 0;
  const full = waiting.findIndex(batch => {
    changes += batch.changes.length;
    return changes >= PER_COMMIT;
  });
  return full === -1 ? waiting.length : full + 1;
}

/** Answers what it put into the feed log. All is sent at once and carried out in this order. */
async function writeAll(tx: Sql, group: readonly Waiting[]): Promise<LoggedEvent[]> {
  const moves = movesOf(group);
  const entries = group
    .filter(({ source }) => source === 'faults')
    .flatMap(({ region, changes }) =>
      changes.map(({ kind, at, row }): store.FeedEntry => ({ region, kind, at, alarm: row as SentAlarm })),
    );
  const alarms = latest(group, 'faults', (id, region, row) => ({ id, region, alarm: row as SentAlarm }));
  const sent = sentHosts(group);
  const hosts = new Map(sent.map(({ id, host }) => [id, host] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  const [, , , known, , , before] = await Promise.all([
    store.lockFeed(tx),
    store.movePositions(tx, moves),
    store.copyAlarms(tx, alarms),
    store.hostsById(tx, [...hosts.keys()]),
    store.copyHosts(
      tx,
      [...hosts.values()].filter(host => host !== null),
    ),
    store.removeHosts(
      tx,
      [...hosts.keys()].filter(id => hosts.get(id) === null),
    ),
    entries.length === 0 ? 0n : store.appendFeed(tx, entries),
  ]);
  await appendHostLog(tx, changesOf(sent, known));
  return entries.map((entry, i) => ({ ...entry, at: instantOf(entry.at), position: String(before + BigInt(i + 1)) }));
}

interface SentHostChange {
  readonly id: string;
  readonly at: string;
  /** Null when the region no longer has it. */
  readonly host: MirrorHostRow | null;
}

const sentHosts = (group: readonly Waiting[]): SentHostChange[] =>
  group
    .filter(({ source }) => source === 'inventory')
    .flatMap(({ region, changes }) =>
      changes.map(({ entityId, kind, at, row }) => ({
        id: makeId(region, entityId),
        at,
        host: kind === 'HOST_REMOVED' ? null : hostRow(region, entityId, row as SentHost),
      })),
    );

/** Every change that was sent, each against what stood before it. */
function changesOf(sent: readonly SentHostChange[], known: readonly MirrorHostRow[]): HostChange[] {
  const now = new Map(known.map(host => [host.id, host]));
  return sent.flatMap(({ id, at, host }) => {
    const change = hostChange(now.get(id) ?? null, host, at);
    if (host === null) now.delete(id);
    else now.set(id, host);
    return change ?? [];
  });
}

/** As the log would answer it, whatever the region wrote it like. */
const instantOf = (at: string): string => new Date(at).toISOString();

/** Batches of one source that follow each other are one move. */
function movesOf(group: readonly Waiting[]): store.Move[] {
  const moves = new Map<string, store.Move>();
  for (const { region, source, changes } of group) {
    const from = String(BigInt(changes[0]!.sequence) - 1n);
    const to = changes.at(-1)!.sequence;
    const before = moves.get(`${source} ${region}`);
    if (before && before.to !== from)
      throw new Error(`the changes of ${source} in ${region} after ${before.to} are missing: ${from} is next`);
    moves.set(`${source} ${region}`, { region, source, from: before?.from ?? from, to });
  }
  return [...moves.values()];
}

/** The last change of each entity of one source; PostgreSQL takes a key only once a statement. Sorted: no deadlocks. */
function latest<T>(
  group: readonly Waiting[],
  source: string,
  make: (id: string, region: string, row: unknown) => T,
): T[] {
  const byId = new Map<string, T>();
  for (const batch of group) {
    if (batch.source !== source) continue;
    for (const { entityId, row } of batch.changes) {
      const id = makeId(batch.region, entityId);
      byId.set(id, make(id, batch.region, row));
    }
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
