// Writes what presence.ts finds, one transaction a look: the feed's REGION_STALE and REGION_BACK, and the alarm of a lost
// region with its RAISED and CLEARED. What fails is found again at the next look.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { WatchedRegion } from '../regions/region-watch.ts';
import { lossAlarm, lossAlarmId } from './loss-alarm.ts';
import type { CopiedAlarm } from './mirror-columns.ts';
import { appendFeed, copyAlarms, type FeedEntry, lockFeed } from './mirror-store.ts';
import type { PresenceChanges } from './presence.ts';
import { markBack, markLost, markStale, openAlarms } from './presence-store.ts';

export interface PresenceWriterDeps {
  readonly dataSource: DataSource;
  readonly log: Logger;
  now(): Date;
}

export interface PresenceWriter {
  tell(changes: PresenceChanges): void;
  close(): Promise<void>;
}

export function presenceWriter({ dataSource, log, now }: PresenceWriterDeps): PresenceWriter {
  let writing: Promise<void> | undefined;
  return {
    tell: changes => {
      if (writing || changes.stale.length + changes.lost.length + changes.back.length === 0) return;
      writing = dataSource
        .transaction(tx => write(tx, changes, now().toISOString()))
        .catch(error => log.error({ err: error }, 'contact not told to feeds; found again at the next look'))
        .finally(() => {
          writing = undefined;
        });
    },
    close: async () => {
      await writing;
    },
  };
}

async function write(tx: Sql, changes: PresenceChanges, at: string): Promise<void> {
  await lockFeed(tx);
  const entries = [
    ...(await tellStale(tx, changes.stale, at)),
    ...(await raiseLost(tx, changes.lost, at)),
    ...(await tellBack(tx, changes.back, at)),
  ];
  if (entries.length > 0) await appendFeed(tx, entries);
}

/** `at` says from when the region's part of the picture is old. */
async function tellStale(tx: Sql, stale: readonly WatchedRegion[], at: string): Promise<FeedEntry[]> {
  if (stale.length === 0) return [];
  const since = new Map(stale.map(({ region }) => [region.id, region.lastContactAt ?? at]));
  const told = await markStale(tx, [...since.keys()], [...since.values()]);
  return told.map(region => ({ region, kind: 'REGION_STALE', at: since.get(region)!, alarm: null }));
}

async function raiseLost(tx: Sql, lost: readonly WatchedRegion[], at: string): Promise<FeedEntry[]> {
  if (lost.length === 0) return [];
  const raised = new Set(
    await markLost(
      tx,
      lost.map(({ region }) => region.id),
    ),
  );
  const alarms = lost.filter(({ region }) => raised.has(region.id)).map(seen => lossAlarm(seen, at));
  await copyAlarms(tx, alarms, 'CENTRE');
  return alarms.map(({ region, alarm }) => ({ region, kind: 'RAISED', at, alarm }));
}

async function tellBack(tx: Sql, back: readonly WatchedRegion[], at: string): Promise<FeedEntry[]> {
  if (back.length === 0) return [];
  const ids = await markBack(
    tx,
    back.map(({ region }) => region.id),
  );
  const cleared = (await openAlarms(tx, ids.map(lossAlarmId))).map(
    (copied): CopiedAlarm => ({ ...copied, alarm: { ...copied.alarm, updatedAt: at, clearedAt: at } }),
  );
  await copyAlarms(tx, cleared, 'CENTRE');
  return [
    ...cleared.map(({ region, alarm }) => ({ region, kind: 'CLEARED', at, alarm })),
    ...ids.map(region => ({ region, kind: 'REGION_BACK', at, alarm: null })),
  ];
}
