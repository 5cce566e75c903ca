// What the bench of the mirror writes and reads in the centre's database.
import { one, rows, type Sql } from '../subgraphs/runtime/sql.ts';

export const addRegions = (sql: Sql, doors: ReadonlyMap<string, string>): Promise<unknown> =>
  rows(
    sql,
    'insert into region (id, name, endpoint) select id, id, door from unnest($1::text[], $2::text[]) as r (id, door)',
    [[...doors.keys()], [...doors.values()]],
  );

/** How many changes of alarms have been mirrored, all regions together. */
export async function mirrored(sql: Sql): Promise<number> {
  return (await one<{ n: number }>(
    sql,
    "select coalesce(sum(sequence), 0)::int as n from region_position where source = 'faults'",
  ))!.n;
}

export interface RegionAccount {
  readonly region: string;
  /** Where the mirror stands. */
  readonly position: number;
  /** Changes in the feed log, and how many of them follow the one before without a gap. */
  readonly told: number;
  readonly inOrder: number;
}

export const accounts = (sql: Sql): Promise<RegionAccount[]> =>
  rows(
    sql,
    `select p.region, p.sequence::int as position, count(l.n)::int as told,
       count(*) filter (where l.n = l.before + 1)::int as "inOrder"
     from region_position p left join (
       select region, (alarm->>'sequence')::int as n,
         lag((alarm->>'sequence')::int, 1, 0) over (partition by region order by position) as before
       from feed_log where alarm is not null and kind <> 'SNAPSHOT' and alarm->>'alarmId' <> '280.001' -- the centre's own, of a region that fell silent
     ) l on l.region = p.region
     where p.source = 'faults' group by p.region, p.sequence`,
  );

/** Transactions that wrote to the feed log: those of one instant have the same one. */
export async function commits(sql: Sql): Promise<number> {
  return (await one<{ n: number }>(sql, 'select count(distinct taken_at)::int as n from feed_log'))!.n;
}

/** Server processes that work for the fleet service. */
export async function backends(sql: Sql): Promise<number[]> {
  const found = await rows<{ pid: number }>(
    sql,
    `select pid from pg_stat_activity where datname = current_database() and application_name like 'murmuration%'`,
  );
  return found.map(({ pid }) => pid);
}
