// One serial, group-committed stream into the centre's database: whatever the followers brought while the last
// transaction ran goes into the next one. Rows, feed log and positions commit together: exactly once, in order.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { MirrorHostRow, SentAlarm } from './mirror-rows.ts';
import * as store from './mirror-store.ts';

export interface MirrorWriter {
  /** Resolves when the changes are committed. */
  apply(batch: store.Batch): Promise<void>;
}

interface Waiting extends store.Batch {
  done(): void;
  failed(error: unknown): void;
}

export function mirrorWriter(dataSource: DataSource): MirrorWriter {
  const waiting: Waiting[] = [];
  let writing = false;

  const drain = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.splice(0, sizeOfGroup(waiting));
      await commit(dataSource, group);
    }
    writing = false;
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

/** Halves a group that fails: one bad batch must not hold up the other regions. */
async function commit(dataSource: DataSource, group: readonly Waiting[]): Promise<void> {
  try {
    await dataSource.transaction(tx => writeAll(tx, group));
    for (const { done } of group) done();
  } catch (error) {
    if (group.length === 1) return group[0]!.failed(error);
    const half = group.length >> 1;
    await commit(dataSource, group.slice(0, half));
    await commit(dataSource, group.slice(half));
  }
}

async function writeAll(tx: Sql, group: readonly Waiting[]): Promise<void> {
  const position = await store.lockFeed(tx);
  const lost = await store.movePositions(tx, movesOf(group));
  if (lost)
    throw new Error(
      `the mirror of ${lost.source} in ${lost.region} is not at ${lost.from}: another writer moved it, or the region left`,
    );
  const entries = group
    .filter(({ source }) => source === 'faults')
    .flatMap(({ region, changes }) =>
      changes.map(({ kind, at, row }): store.FeedEntry => ({ region, kind, at, alarm: row as SentAlarm })),
    );
  await store.copyAlarms(
    tx,
    latest(group, 'faults', (id, region, row) => ({ id, region, alarm: row as SentAlarm })),
  );
  await store.copyHosts(
    tx,
    latest(group, 'inventory', (id, region, row) => ({ ...(row as MirrorHostRow), id, region })),
  );
  if (entries.length === 0) return;
  await store.appendFeed(tx, position, entries);
  await store.moveFeed(tx, position + BigInt(entries.length));
}

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
