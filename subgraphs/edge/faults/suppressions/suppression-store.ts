// All SQL on suppressions.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { SuppressionRow } from './suppression.ts';

const COLUMNS = `id, alarm_id as "alarmId", entity_pattern as "entityPattern", reason, "by", at, until`;

export const insertSuppression = (sql: Sql, s: SuppressionRow): Promise<unknown> =>
  rows(
    sql,
    `/* suppressions.insert */ insert into suppression (id, alarm_id, entity_pattern, reason, "by", at, until)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [s.id, s.alarmId, s.entityPattern, s.reason, s.by, s.at, s.until],
  );

export const findById = (sql: Sql, id: string): Promise<SuppressionRow | null> =>
  one(sql, `/* suppressions.byId */ select ${COLUMNS} from suppression where id = $1`, [id]);

export const findExpired = (sql: Sql, at: string): Promise<SuppressionRow[]> =>
  rows(sql, `/* suppressions.expired */ select ${COLUMNS} from suppression where until <= $1`, [at]);

export const deleteSuppressions = (sql: Sql, ids: readonly string[]): Promise<unknown> =>
  rows(sql, '/* suppressions.delete */ delete from suppression where id = any($1::uuid[])', [ids]);

export const keyOfSuppression = ({ at, id }: SuppressionRow): readonly string[] => [at, id];

/** Newest first. */
export async function listSuppressions(
  sql: Sql,
  page: Page,
): Promise<{ readonly found: SuppressionRow[]; readonly totalCount: number }> {
  const [found, total] = await Promise.all([
    rows<SuppressionRow>(
      sql,
      `/* suppressions.page */ select ${COLUMNS} from suppression
       where $1::timestamptz is null or (at, id) < ($1, $2::uuid) order by at desc, id desc limit $3`,
      [page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, '/* suppressions.count */ select count(*)::int as n from suppression'),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}
