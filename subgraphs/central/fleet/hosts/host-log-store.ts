// All SQL on the log of host changes. Its positions have no gaps and commit in order: they are given out under the lock of
// the feed, which every writer of the mirror holds.
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { LeftRegion } from '../regions/region.ts';
import type { HostChange } from './host-change.ts';

export interface LoggedHostChange extends HostChange {
  readonly position: string;
  /** On the removal of a host that left with its region: that region as it was. */
  readonly left: LeftRegion | null;
}

export const HOST_CHANNEL = 'hosts';

export interface HostLogHead {
  readonly position: string;
  readonly secret: string;
  /** Changes up to this position are no longer kept. */
  readonly oldest: string;
}

export async function hostLogHead(sql: Sql): Promise<HostLogHead> {
  const text = `/* hostLog.head */ select host_position as position, secret, host_oldest as oldest from feed_head`;
  return (await one<HostLogHead>(sql, text))!;
}

/** Under the lock of the feed. */
export async function appendHostLog(sql: Sql, changes: readonly HostChange[]): Promise<void> {
  if (changes.length === 0) return;
  await rows(
    sql,
    `/* hostLog.append */ with head as (
       update feed_head set host_position = host_position + $1 returning host_position as position),
     logged as (
       insert into host_log (position, region, kind, at, host, before)
       select head.position - $1 + c.n, c.region, c.kind, c.at, c.host, c.before
       from head, unnest($2::text[], $3::text[], $4::timestamptz[], $5::jsonb[], $6::jsonb[])
         with ordinality as c (region, kind, at, host, before, n))
     select pg_notify($7, position::text) from head`,
    [
      changes.length,
      changes.map(c => c.region),
      changes.map(c => c.kind),
      changes.map(c => c.at),
      changes.map(c => JSON.stringify(c.host)),
      changes.map(c => JSON.stringify(c.before)),
      HOST_CHANNEL,
    ],
  );
}

export const readHostLog = (sql: Sql, after: bigint, limit: number): Promise<LoggedHostChange[]> =>
  rows(
    sql,
    `/* hostLog.read */ select position, region, kind, at, host, before, left_region as left from host_log
     where position > $1 order by position limit $2`,
    [String(after), limit],
  );

/** Removes changes taken in before an instant, and all but the newest `keep`; answers how many. Under the lock of the feed. */
export async function pruneHostLog(sql: Sql, takenBefore: string, keep: number): Promise<number> {
  const removed = await rows<{ position: string }>(
    sql,
    `/* hostLog.prune */ delete from host_log where position <= greatest(
       (select position from host_log where taken_at < $1 order by taken_at desc, position desc limit 1),
       (select host_position - $2 from feed_head)) returning position`,
    [takenBefore, keep],
  );
  if (removed.length > 0)
    await rows(sql, '/* hostLog.oldest */ update feed_head set host_oldest = greatest(host_oldest, $1::bigint)', [
      removed
        .map(({ position }) => BigInt(position))
        .reduce((a, b) => (a > b ? a : b))
        .toString(),
    ]);
  return removed.length;
}
