// All SQL on suppressions and maintenance windows together: every raise asks for both, in one statement.
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import { IS_DUE } from '../maintenance/maintenance-store.ts';
import type { Cover } from './cover.ts';

/** The suppressions of these alarmIds and all the windows that are in force at this instant. */
export const findInForce = (sql: Sql, alarmIds: readonly string[], at: string): Promise<Cover[]> =>
  rows(
    sql,
    `/* hiding.inForce */ select 'suppressed' as hides, alarm_id as "alarmId", entity_pattern as "entityPattern", reason, "by"
     from suppression where alarm_id = any($1::text[]) and (until is null or until > $2)
     union all
     select 'inMaintenance', null, entity_pattern, reason, "by"
     from maintenance_window where ended_at is null and until > $2 and (begun_at is not null or "from" <= $2)`,
    [alarmIds, at],
  );

export interface Due {
  /** A suppression is over. */
  readonly suppressions: boolean;
  /** A maintenance window is to begin or to end. */
  readonly windows: boolean;
}

export async function findDue(sql: Sql, at: string): Promise<Due> {
  const found = await one<Due>(
    sql,
    `/* hiding.due */ select exists (select from suppression where until <= $1) as suppressions,
       exists (select from maintenance_window where ${IS_DUE}) as windows`,
    [at],
  );
  return found!;
}
