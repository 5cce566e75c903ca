// All SQL that writes the mirror. Every function runs inside the writer's transaction.
import type { Position } from '../../../runtime/change-follower.ts';
import type { Change, OutboxHead } from '../../../runtime/outbox.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import {
  ALARM_ARRAYS,
  ALARM_COLUMNS,
  alarmArrays,
  type CopiedAlarm,
  HOST_ARRAYS,
  HOST_COLUMNS,
  HOST_FIELDS,
  hostArrays,
} from './mirror-columns.ts';
import type { AlarmOrigin, MirrorHostRow, SentAlarm } from './mirror-rows.ts';

/** The writer's lock: one transaction at a time moves the feed, so its positions commit in order. */
export async function lockFeed(sql: Sql): Promise<bigint> {
  const head = await one<{ position: string }>(sql, '/* feed.lock */ select position from feed_head for update');
  return BigInt(head!.position);
}

export const FEED_CHANNEL = 'feed';

export async function moveFeed(sql: Sql, position: bigint): Promise<void> {
  await rows(
    sql,
    `/* feed.advance */ with head as (update feed_head set position = $1 returning position)
     select pg_notify($2, position::text) from head`,
    [String(position), FEED_CHANNEL],
  );
}

export interface FeedEntry {
  readonly region: string;
  readonly kind: string;
  readonly at: string;
  readonly alarm: SentAlarm | null;
}

/** Under the lock of the feed. Answers the position before the first of them, of which there must be one. */
export async function appendFeed(sql: Sql, entries: readonly FeedEntry[]): Promise<bigint> {
  const moved = await one<{ before: string }>(
    sql,
    `/* feed.append */ with head as (update feed_head set position = position + $1 returning position),
     logged as (
       insert into feed_log (position, region, kind, at, alarm)
       select head.position - $1 + e.n, e.region, e.kind, e.at, e.alarm
       from head, unnest($2::text[], $3::text[], $4::timestamptz[], $5::jsonb[])
         with ordinality as e (region, kind, at, alarm, n))
     select position - $1 as before, pg_notify($6, position::text) from head`,
    [
      entries.length,
      entries.map(e => e.region),
      entries.map(e => e.kind),
      entries.map(e => e.at),
      entries.map(e => (e.alarm === null ? null : JSON.stringify(e.alarm))),
      FEED_CHANNEL,
    ],
  );
  return BigInt(moved!.before);
}

export const findPositions = (sql: Sql, region: string): Promise<(Position & { source: string })[]> =>
  rows(sql, '/* mirror.positions */ select source, epoch, sequence from region_position where region = $1', [region]);

export interface Move {
  readonly region: string;
  readonly source: string;
  /** Where the writer believes the mirror to be. */
  readonly from: string;
  readonly to: string;
}

/** Moves positions on. Throws when one is not where the writer believes it to be. */
export async function movePositions(sql: Sql, moves: readonly Move[]): Promise<void> {
  const moved = await rows<{ region: string; source: string }>(
    sql,
    `/* mirror.advance */ update region_position p set sequence = m.after
     from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as m (region, source, before, after)
     where p.region = m.region and p.source = m.source and p.sequence = m.before returning p.region, p.source`,
    [moves.map(m => m.region), moves.map(m => m.source), moves.map(m => m.from), moves.map(m => m.to)],
  );
  const known = new Set(moved.map(({ region, source }) => `${source} ${region}`));
  const lost = moves.find(({ region, source }) => !known.has(`${source} ${region}`));
  if (lost)
    throw new Error(
      `the mirror of ${lost.source} in ${lost.region} is not at ${lost.from}: another writer moved it, or the region left`,
    );
}

/** As `movePosition`, to a head of any epoch; false also when the region is no longer in the graph. */
export async function placePosition(
  sql: Sql,
  region: string,
  source: string,
  from: Position,
  to: OutboxHead,
): Promise<boolean> {
  const placed = await rows(
    sql,
    `/* mirror.place */ insert into region_position as p (region, source, epoch, sequence)
     select id, $2, $3, $4 from region where id = $1
     on conflict (region, source) do update set epoch = excluded.epoch, sequence = excluded.sequence
     where p.epoch is not distinct from $5 and p.sequence = $6 returning 1`,
    [region, source, to.epoch, to.sequence, from.epoch, from.sequence],
  );
  return placed.length === 1;
}

/** Open alarms are kept, cleared ones leave; `alarms` holds each alarm once. */
export async function copyAlarms(
  sql: Sql,
  alarms: readonly CopiedAlarm[],
  origin: AlarmOrigin = 'REGION',
): Promise<void> {
  const open = alarms.filter(({ alarm }) => alarm.clearedAt === null);
  const cleared = alarms.filter(({ alarm }) => alarm.clearedAt !== null);
  await Promise.all([
    cleared.length > 0 && removeAlarms(sql, cleared),
    open.length > 0 && storeAlarms(sql, open, origin),
  ]);
}

const removeAlarms = (sql: Sql, alarms: readonly CopiedAlarm[]): Promise<unknown> =>
  rows(sql, '/* mirror.clearAlarms */ delete from mirror_alarm where id = any($1::text[])', [alarms.map(a => a.id)]);

const storeAlarms = (sql: Sql, open: readonly CopiedAlarm[], origin: AlarmOrigin): Promise<unknown> =>
  rows(
    sql,
    `/* mirror.copyAlarms */ insert into mirror_alarm (${ALARM_COLUMNS}, origin)
     select a.*, $14 from unnest(${ALARM_ARRAYS}) as a
     on conflict (id) do update set severity = excluded.severity, severity_rank = excluded.severity_rank,
       acknowledged = excluded.acknowledged, suppressed = excluded.suppressed, masked = excluded.masked,
       in_maintenance = excluded.in_maintenance, alarm = excluded.alarm`,
    [...alarmArrays(open), origin],
  );

const HOST_UPDATES = HOST_COLUMNS.split(/,\s+/)
  .filter(column => column !== 'id' && column !== 'region')
  .map(column => `${column} = excluded.${column}`)
  .join(', ');

export async function hostsById(sql: Sql, ids: readonly string[]): Promise<MirrorHostRow[]> {
  if (ids.length === 0) return [];
  return rows(sql, `/* mirror.hostsById */ select ${HOST_FIELDS} from mirror_host m where m.id = any($1::text[])`, [
    ids,
  ]);
}

export const hostsOfRegion = (sql: Sql, region: string): Promise<MirrorHostRow[]> =>
  rows(sql, `/* mirror.hostsOfRegion */ select ${HOST_FIELDS} from mirror_host m where m.region = $1`, [region]);

export async function removeHosts(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await rows(sql, '/* mirror.removeHosts */ delete from mirror_host where id = any($1::text[])', [ids]);
}

/** `hosts` holds each host once. */
export async function copyHosts(sql: Sql, hosts: readonly MirrorHostRow[]): Promise<void> {
  if (hosts.length === 0) return;
  await rows(
    sql,
    `/* mirror.copyHosts */ insert into mirror_host (${HOST_COLUMNS}) select * from unnest(${HOST_ARRAYS})
     on conflict (id) do update set ${HOST_UPDATES}`,
    hostArrays(hosts),
  );
}

/** The changes of one source of one region that go into one transaction. */
export interface Batch {
  readonly region: string;
  readonly source: string;
  readonly changes: readonly Change[];
}

/** Removes events taken in before an instant, and all but the newest `keep`; answers how many. */
export async function pruneBefore(sql: Sql, takenBefore: string, keep: number): Promise<number> {
  const cut = await one<{ position: string }>(
    sql,
    `/* feed.cut */ select greatest(
       (select position from feed_log where taken_at < $1 order by taken_at desc, position desc limit 1),
       (select position - $2 from feed_head)) as position`,
    [takenBefore, keep],
  );
  const removed = await rows(sql, '/* feed.prune */ delete from feed_log where position <= $1 returning 1', [
    cut?.position ?? 0,
  ]);
  if (removed.length > 0)
    await rows(sql, '/* feed.oldest */ update feed_head set oldest = greatest(oldest, $1)', [cut!.position]);
  return removed.length;
}
