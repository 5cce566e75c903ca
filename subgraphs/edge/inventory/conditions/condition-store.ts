// All SQL on conditions. Knows no rules.
import { type Columns, nameOf, namesOf, rows, type Sql, tableOf } from '../../../runtime/sql.ts';
import type { ConditionRow, ConditionSource } from './host-condition.ts';

const COLUMN = {
  hostId: 'host_id uuid',
  source: 'source text',
  alarmId: 'alarm_id text',
  instance: 'instance text',
  severity: 'severity text',
  reasonText: 'reason_text text',
  since: 'since timestamptz',
} as const satisfies Required<Columns<ConditionRow>>;

const COLUMNS = Object.entries(COLUMN)
  .map(([field, column]) => `${nameOf(column)} as "${field}"`)
  .join(', ');

/** Of these hosts, by alarmId and instance; of one source when it is given. */
export const findConditions = (
  sql: Sql,
  hostIds: readonly string[],
  source: ConditionSource | null = null,
): Promise<ConditionRow[]> =>
  rows(
    sql,
    `/* conditions.byHosts */ select ${COLUMNS} from host_condition
     where host_id = any($1::uuid[]) and ($2::text is null or source = $2) order by alarm_id, instance, source`,
    [hostIds, source],
  );

export async function saveConditions(sql: Sql, conditions: readonly ConditionRow[]): Promise<void> {
  if (conditions.length === 0) return;
  const { table, values } = tableOf<ConditionRow>(COLUMN, conditions);
  await rows(
    sql,
    `/* conditions.save */ insert into host_condition (${namesOf(COLUMN).join(', ')}) select * from ${table} as new
     on conflict on constraint host_condition_pk
     do update set severity = excluded.severity, reason_text = excluded.reason_text`,
    values,
  );
}

export async function removeConditions(sql: Sql, conditions: readonly ConditionRow[]): Promise<void> {
  if (conditions.length === 0) return;
  await rows(
    sql,
    `/* conditions.remove */ delete from host_condition using unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
       as gone (host_id, source, alarm_id, instance)
     where host_condition.host_id = gone.host_id and host_condition.source = gone.source
       and host_condition.alarm_id = gone.alarm_id and host_condition.instance = gone.instance`,
    [
      conditions.map(c => c.hostId),
      conditions.map(c => c.source),
      conditions.map(c => c.alarmId),
      conditions.map(c => c.instance),
    ],
  );
}
