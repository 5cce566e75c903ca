// All SQL on what streams are told of a region that leaves the graph, and what they can say of it afterwards.
import { rows, type Sql } from '../../../runtime/sql.ts';
import { HOST_CHANNEL } from '../hosts/host-log-store.ts';
import type { LeftRegion } from '../regions/region.ts';
import { HOST_FIELDS } from './mirror-columns.ts';
import { lockFeed, moveFeed } from './mirror-store.ts';

/**
 * Tells feeds that the region's list is empty, and streams of host changes that each of its hosts is gone. In the transaction
 * in which its rows leave the mirror, and before they do. Takes the lock of the feed: nobody else may write the mirror meanwhile.
 */
export async function tellDeparture(sql: Sql, left: LeftRegion): Promise<void> {
  const position = await lockFeed(sql);
  const event = [left.id, left.leftAt, JSON.stringify(left)];
  await rows(
    sql,
    `/* feed.appendDeparture */ insert into feed_log (position, region, kind, at, left_region)
     values ($4, $1, 'LIST_REBUILT', $2, $3), ($5, $1, 'ALIGNED', $2, $3)`,
    [...event, String(position + 1n), String(position + 2n)],
  );
  await moveFeed(sql, position + 2n);
  await rows(
    sql,
    `/* hostLog.appendDeparture */ with gone as (
       select row_number() over (order by h.id) as n, to_jsonb(h) as host
       from (select ${HOST_FIELDS} from mirror_host m where m.region = $1) h),
     head as (
       update feed_head set host_position = host_position + (select count(*) from gone) where exists (select from gone)
       returning host_position as position),
     logged as (
       insert into host_log (position, region, kind, at, host, before, left_region)
       select head.position - (select count(*) from gone) + gone.n, $1, 'REMOVED', $2::timestamptz, gone.host, '{}', $3::jsonb
       from head, gone)
     select pg_notify($4, position::text) from head`,
    [...event, HOST_CHANNEL],
  );
}

/** Regions as they were when they left the graph, the last time; for as long as a log has something of them. */
export const findLeftRegions = (sql: Sql, ids: readonly string[]): Promise<LeftRegion[]> =>
  rows<{ left: LeftRegion }>(
    sql,
    `/* departures.byIds */ select distinct on (region) left_region as left from (
       select region, left_region from feed_log where left_region is not null and region = any($1::text[])
       union all select region, left_region from host_log where left_region is not null and region = any($1::text[])) d
     order by region, left_region ->> 'leftAt' desc`,
    [ids],
  ).then(found => found.map(({ left }) => left));
