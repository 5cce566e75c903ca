// All SQL on what feeds were told of regions. Each statement moves only regions that are in the state it leaves, so that
// two looks at the same table tell nothing twice.
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { CopiedAlarm } from './mirror-columns.ts';

export async function markStale(
  sql: Sql,
  ids: readonly string[],
  since: readonly (string | null)[],
): Promise<string[]> {
  const moved = await rows<{ id: string }>(
    sql,
    `/* presence.stale */ update region set stale_since = s.since from unnest($1::text[], $2::timestamptz[]) as s (id, since)
     where region.id = s.id and region.stale_since is null returning region.id`,
    [ids, since],
  );
  return moved.map(row => row.id);
}

export async function markLost(sql: Sql, ids: readonly string[]): Promise<string[]> {
  const moved = await rows<{ id: string }>(
    sql,
    `/* presence.lost */ update region set offline_alarm = true where id = any($1::text[]) and not offline_alarm returning id`,
    [ids],
  );
  return moved.map(row => row.id);
}

export async function markBack(sql: Sql, ids: readonly string[]): Promise<string[]> {
  const moved = await rows<{ id: string }>(
    sql,
    `/* presence.back */ update region set stale_since = null, offline_alarm = false
     where id = any($1::text[]) and stale_since is not null returning id`,
    [ids],
  );
  return moved.map(row => row.id);
}

export const openAlarms = (sql: Sql, ids: readonly string[]): Promise<CopiedAlarm[]> =>
  rows(sql, '/* presence.alarms */ select id, region, alarm from mirror_alarm where id = any($1::text[])', [ids]);
