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
  let waiting: Waiting[] = [];
  let writing = false;

  const drain = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
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

async function commit(dataSource: DataSource, group: readonly Waiting[]): Promise<void> {
  try {
    await dataSource.transaction(tx => writeAll(tx, group));
    for (const { done } of group) done();
  } catch (error) {
    if (group.length === 1) return group[0]!.failed(error);
    for (const one of group) await commit(dataSource, [one]); // one bad batch must not hold up the other regions
  }
}

async function writeAll(tx: Sql, group: readonly Waiting[]): Promise<void> {
  const position = await store.lockFeed(tx);
  const entries: store.FeedEntry[] = [];
  for (const { region, source, changes } of group) {
    const from = BigInt(changes[0]!.sequence) - 1n;
    if (!(await store.movePosition(tx, region, source, from, changes.at(-1)!.sequence)))
      throw new Error(
        `the mirror of ${source} in ${region} is not at ${from}: another writer moved it, or the region left`,
      );
    if (source === 'faults')
      for (const { kind, at, row } of changes) entries.push({ region, kind, at, alarm: row as SentAlarm });
  }
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
