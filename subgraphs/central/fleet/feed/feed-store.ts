// All SQL that reads the feed log.
import type { DataSource } from 'typeorm';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { AlarmFilter } from '../alarms/alarm-filter.ts';
import { type AlarmText, eachAlarm } from '../alarms/alarm-store.ts';
import type { SentAlarm } from '../mirror/mirror-rows.ts';
import type { LeftRegion } from '../regions/region.ts';

export interface FeedHead {
  readonly position: string;
  readonly secret: string;
  /** Events up to this position are no longer kept. */
  readonly oldest: string;
}

export interface LoggedEvent {
  readonly position: string;
  readonly region: string;
  readonly kind: string;
  readonly at: string;
  readonly alarm: SentAlarm | null;
  /** Where the event says that its region left the graph: the region as it was. */
  readonly left?: LeftRegion | null;
}

export async function feedHead(sql: Sql): Promise<FeedHead> {
  return (await one<FeedHead>(sql, '/* feed.head */ select position, secret, oldest from feed_head'))!;
}

export const readFeed = (sql: Sql, after: bigint, limit: number): Promise<LoggedEvent[]> =>
  rows(
    sql,
    `/* feed.read */ select position, region, kind, at, alarm, left_region as left from feed_log where position > $1 order by position limit $2`,
    [String(after), limit],
  );

/**
 * Hands out the open alarms that match; answers the position that they are exact for. One view of the database for both, so
 * there is no seam; it lasts as long as `take` does.
 */
export function readSnapshot(
  dataSource: DataSource,
  filter: AlarmFilter,
  take: (some: readonly AlarmText[]) => Promise<void>,
): Promise<bigint> {
  return dataSource.transaction('REPEATABLE READ', async tx => {
    const { position } = await feedHead(tx);
    await eachAlarm(tx, filter, take);
    return BigInt(position);
  });
}
