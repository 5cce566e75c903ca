// Takes snapshots of regions into the mirror. One at the position where the mirror stands is compared with it: the two must
// be equal, and what differs is reported and repaired. Any other takes the place of what the mirror has.
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { Position } from '../../../runtime/change-follower.ts';
import type { OutboxHead } from '../../../runtime/outbox.ts';
import type { SnapshotSink } from '../../../runtime/snapshot-intake.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { type Differences, NO_DIFFERENCES, totalOf } from '../alignment/alignment.ts';
import { saveAlignment } from '../alignment/alignment-store.ts';
import { changesBetween } from '../hosts/host-change.ts';
import { appendHostLog } from '../hosts/host-log-store.ts';
import { hostsOfRegion, lockFeed, moveFeed, placePosition } from './mirror-store.ts';
import * as store from './snapshot-store.ts';

export interface SnapshotWriterDeps {
  readonly dataSource: DataSource;
  readonly log: Logger;
  now(): Date;
}

export interface SnapshotBounds {
  /** Where the mirror stands. */
  readonly from: Position;
  /** What the rows are exact for. */
  readonly at: OutboxHead;
}

/** Rows wait in tables of their own: memory stays bounded, and a snapshot that breaks off has changed nothing. */
export function snapshotSink(
  { dataSource, log, now }: SnapshotWriterDeps,
  source: store.MirroredSource,
  region: string,
  bounds: SnapshotBounds,
): SnapshotSink {
  const key = { source, region, snapshot: randomUUID() };
  let staged = 0;
  return {
    page: async rows => {
      if (staged === 0) await store.forgetStaged(dataSource, key);
      await store.stage(dataSource, key, rows);
      staged += rows.length;
    },
    complete: async () => {
      const differences = await dataSource.transaction(tx => settle(tx, key, bounds, staged, now().toISOString()));
      if (totalOf(differences) === 0) return;
      const { missing, extra, changed, examples } = differences;
      const { sequence } = bounds.at;
      log.warn(
        { region, source, sequence, missing, extra, changed, examples },
        'the mirror differed from its region and was repaired',
      );
    },
  };
}

async function settle(
  tx: Sql,
  key: store.SnapshotKey,
  { from, at }: SnapshotBounds,
  staged: number,
  now: string,
): Promise<Differences> {
  const { source, region } = key;
  const position = await lockFeed(tx);
  if (!(await placePosition(tx, region, source, from, at)))
    throw new Error(
      `the mirror of ${source} in ${region} is not at ${from.sequence}: another writer moved it, or the region left`,
    );
  if ((await store.countStaged(tx, key)) !== staged)
    throw new Error(`the staged snapshot of ${source} in ${region} is not whole: another writer began its own`);
  const isComparison = from.epoch === at.epoch && from.sequence === at.sequence;
  const differences = isComparison ? await store.compare(tx, key) : NO_DIFFERENCES;
  const hosts = source === 'inventory' ? await hostsOfRegion(tx, region) : [];
  await store.replace(tx, key);
  if (source === 'inventory') await appendHostLog(tx, changesBetween(hosts, await hostsOfRegion(tx, region), now));
  await store.forgetStaged(tx, key);
  await saveAlignment(tx, { region, source, sequence: at.sequence, ...differences });
  if (source === 'faults' && (await isNews(tx, region, from, isComparison ? totalOf(differences) : null)))
    await moveFeed(tx, position + BigInt(await store.tellList(tx, region, position, now)));
  return differences;
}

/** Whether feeds must hear of the list: it was found wrong, or what changed it is not known. A first copy of nothing is no news. */
const isNews = async (tx: Sql, region: string, from: Position, found: number | null): Promise<boolean> =>
  found === null ? from.epoch !== null || (await store.hasAlarms(tx, region)) : found > 0;
