// All SQL on maintenance windows alone.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { MaintenanceWindowRow } from './maintenance-window.ts';

const COLUMNS = `id, entity_pattern as "entityPattern", "from", until, reason, "by", at, begun_at as "begunAt",
  ended_at as "endedAt", ended_by as "endedBy"`;

/** Is to begin or to end at the instant in $1. */
export const IS_DUE = `ended_at is null and (until <= $1 or (begun_at is null and "from" <= $1))`;

export const insertWindow = (sql: Sql, w: MaintenanceWindowRow): Promise<unknown> =>
  rows(
    sql,
    `/* maintenance.insert */ insert into maintenance_window (id, entity_pattern, "from", until, reason, "by", at, begun_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [w.id, w.entityPattern, w.from, w.until, w.reason, w.by, w.at, w.begunAt],
  );

export const findById = (sql: Sql, id: string): Promise<MaintenanceWindowRow | null> =>
  one(sql, `/* maintenance.byId */ select ${COLUMNS} from maintenance_window where id = $1`, [id]);

export const findDueWindows = (sql: Sql, at: string): Promise<MaintenanceWindowRow[]> =>
  rows(sql, `/* maintenance.due */ select ${COLUMNS} from maintenance_window where ${IS_DUE}`, [at]);

export async function countOpen(sql: Sql): Promise<number> {
  const found = await one<{ n: number }>(
    sql,
    '/* maintenance.open */ select count(*)::int as n from maintenance_window where ended_at is null',
  );
  return found?.n ?? 0;
}

export const markBegun = (sql: Sql, ids: readonly string[], at: string): Promise<unknown> =>
  rows(sql, '/* maintenance.begin */ update maintenance_window set begun_at = $2 where id = any($1::uuid[])', [
    ids,
    at,
  ]);

/** `by` is null when they ended by themselves. */
export const markEnded = (sql: Sql, ids: readonly string[], at: string, by: string | null): Promise<unknown> =>
  rows(
    sql,
    '/* maintenance.end */ update maintenance_window set ended_at = $2, ended_by = $3 where id = any($1::uuid[])',
    [ids, at, by],
  );

export const forgetEnded = (sql: Sql, before: string): Promise<unknown> =>
  rows(sql, '/* maintenance.forget */ delete from maintenance_window where ended_at < $1', [before]);

export const keyOfWindow = ({ from, id }: MaintenanceWindowRow): readonly string[] => [from, id];

/** The one that begins last comes first. */
export async function listWindows(
  sql: Sql,
  includePast: boolean,
  page: Page,
): Promise<{ readonly found: MaintenanceWindowRow[]; readonly totalCount: number }> {
  const [found, total] = await Promise.all([
    rows<MaintenanceWindowRow>(
      sql,
      `/* maintenance.page */ select ${COLUMNS} from maintenance_window
       where ($1 or ended_at is null) and ($2::timestamptz is null or ("from", id) < ($2, $3::uuid))
       order by "from" desc, id desc limit $4`,
      [includePast, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    one<{ n: number }>(
      sql,
      '/* maintenance.count */ select count(*)::int as n from maintenance_window where $1 or ended_at is null',
      [includePast],
    ),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}
