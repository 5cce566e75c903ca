// The floor of the ingest bench: the same alarm rows in one bare statement, into a table with the alarm table's own indexes.
import type { AlarmRow } from '../subgraphs/edge/faults/alarms/alarm.ts';
import { one, rows, type Sql } from '../subgraphs/runtime/sql.ts';

const COLUMNS = {
  id: 'uuid',
  alarm_id: 'text',
  title: 'text',
  severity: 'text',
  entity_type_id: 'text',
  entity_instance_id: 'text',
  hostname: 'text',
  reason_text: 'text',
  alarm_type: 'text',
  probable_cause: 'text',
  proposed_repair_action: 'text',
  service_affecting: 'boolean',
  management_affecting: 'boolean',
  degrade_affecting: 'boolean',
  raised_at: 'timestamptz',
  updated_at: 'timestamptz',
  sequence: 'bigint',
} as const;

const names = Object.keys(COLUMNS).join(', ');
const arrays = Object.values(COLUMNS)
  .map((type, i) => `$${i + 1}::${type}[]`)
  .join(', ');

export const makeFloorTable = (sql: Sql): Promise<unknown> =>
  rows(sql, 'create table bench_alarm (like alarm including all)');

export const insertBare = (sql: Sql, alarms: readonly AlarmRow[]): Promise<unknown> =>
  rows(
    sql,
    `/* bench.insert */ insert into bench_alarm (${names}) select * from unnest(${arrays})`,
    Object.keys(COLUMNS).map(name => alarms.map(alarm => alarm[camel(name)])),
  );

/** Alarms as the service stored them, for the floor to store again. */
export const storedAlarms = (sql: Sql, hostPrefix: string): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* bench.stored */ select id, alarm_id as "alarmId", title, severity, entity_type_id as "entityTypeId",
       entity_instance_id as "entityInstanceId", hostname, reason_text as "reasonText", alarm_type as "alarmType",
       probable_cause as "probableCause", proposed_repair_action as "proposedRepairAction",
       service_affecting as "serviceAffecting", management_affecting as "managementAffecting",
       degrade_affecting as "degradeAffecting", raised_at as "raisedAt", updated_at as "updatedAt", sequence
     from alarm where hostname like $1 order by sequence`,
    [`${hostPrefix}%`],
  );

export async function countOf(sql: Sql, table: 'alarm' | 'bench_alarm' | 'outbox'): Promise<number> {
  return (await one<{ n: number }>(sql, `/* bench.count */ select count(*)::int as n from ${table}`))!.n;
}

const camel = (name: string): keyof AlarmRow =>
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof AlarmRow;
