// All SQL on hosts' hardware history. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { HardwareChangeRow } from './hardware-change.ts';

export type NewChange = Omit<HardwareChangeRow, 'sequence' | 'at'>;

export async function saveChanges(sql: Sql, changes: readonly NewChange[], at: string): Promise<void> {
  if (changes.length === 0) return;
  await rows(
    sql,
    `/* hardwareChanges.save */ insert into hardware_change (host_id, at, path, kind, from_value, to_value)
     select host_id, $6, path, kind, from_value, to_value
     from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[])
       with ordinality as new (host_id, path, kind, from_value, to_value, place) order by place`,
    [
      changes.map(c => c.hostId),
      changes.map(c => c.path),
      changes.map(c => c.kind),
      changes.map(c => c.from),
      changes.map(c => c.to),
      at,
    ],
  );
}

/** Leaves these hosts the newest `most` changes that are not older than `since`. */
export async function pruneChanges(sql: Sql, hostIds: readonly string[], most: number, since: string): Promise<void> {
  await rows(
    sql,
    `/* hardwareChanges.prune */ delete from hardware_change using unnest($1::uuid[]) as host (id)
     where host_id = host.id and (at < $3 or sequence <= (
       select sequence from hardware_change where host_id = host.id order by sequence desc offset $2 limit 1))`,
    [hostIds, most, since],
  );
}

/** The same page for many hosts in one statement, newest first, one row more than the page holds. */
export const listChanges = (sql: Sql, hostIds: readonly string[], page: Page): Promise<HardwareChangeRow[]> =>
  rows(
    sql,
    `/* hardwareChanges.page */ select page.* from unnest($1::uuid[]) as host (id)
     cross join lateral (
       select host_id as "hostId", sequence, at, path, kind, from_value as "from", to_value as "to"
       from hardware_change where host_id = host.id and ($2::bigint is null or sequence < $2)
       order by sequence desc limit $3
     ) as page`,
    [hostIds, page.after?.[0] ?? null, page.first + 1],
  );

export const countChanges = (sql: Sql, hostIds: readonly string[]): Promise<{ hostId: string; n: number }[]> =>
  rows(
    sql,
    `/* hardwareChanges.count */ select host_id as "hostId", count(*)::int as n from hardware_change
     where host_id = any($1::uuid[]) group by host_id`,
    [hostIds],
  );
