// All SQL on conditions of hosts and on the alarms that they raised. Knows no rules.
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { COLUMNS } from '../alarms/alarm-store.ts';
import type { HostConditions, NamedConditions } from './host-conditions.ts';

/** Replaces what is known of these hosts. */
export async function saveConditions(sql: Sql, hosts: readonly HostConditions[]): Promise<void> {
  if (hosts.length === 0) return;
  await rows(
    sql,
    `/* conditions.save */ insert into host_conditions (host_id, conditions)
     select * from unnest($1::uuid[], $2::jsonb[])
     on conflict (host_id) do update set conditions = excluded.conditions`,
    [hosts.map(host => host.hostId), hosts.map(host => JSON.stringify(host.conditions))],
  );
}

export async function forgetConditions(sql: Sql, hostIds: readonly string[]): Promise<void> {
  if (hostIds.length === 0) return;
  await rows(sql, '/* conditions.forget */ delete from host_conditions where host_id = any($1::uuid[])', [hostIds]);
}

export const forgetAllConditions = (sql: Sql): Promise<unknown> =>
  rows(sql, '/* conditions.forgetAll */ delete from host_conditions');

/** Of all hosts with these names; a host of which nothing is known is not in it. */
export const findConditions = (sql: Sql, hostnames: readonly string[]): Promise<NamedConditions[]> =>
  rows(
    sql,
    `/* conditions.byNames */ select hostname, conditions from host_conditions
     join host_directory on host_directory.id = host_id where hostname = any($1::text[])`,
    [hostnames],
  );

/** The open alarms of these hosts that conditions raised. */
export const findConditionAlarms = (sql: Sql, hostnames: readonly string[]): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* conditions.alarms */ select ${COLUMNS} from alarm
     where cleared_at is null and hostname = any($1::text[])
       and exists (select from condition_alarm where condition_alarm.alarm = alarm.id)`,
    [hostnames],
  );

export async function markConditionAlarms(sql: Sql, alarms: readonly AlarmRow[]): Promise<void> {
  await rows(sql, '/* conditions.mark */ insert into condition_alarm (alarm) select unnest($1::uuid[])', [
    alarms.map(alarm => alarm.id),
  ]);
}

/** Names of hosts with a condition that no open alarm stands for: somebody cleared it while the condition held. */
export async function findUntold(sql: Sql): Promise<string[]> {
  const found = await rows<{ hostname: string }>(
    sql,
    `/* conditions.untold */ select distinct host_directory.hostname from host_conditions
     join host_directory on host_directory.id = host_id
     cross join jsonb_to_recordset(conditions) as held ("alarmId" text, instance text)
     where not exists (select from alarm where cleared_at is null and alarm_id = held."alarmId"
       and entity_instance_id = 'host=' || host_directory.hostname || held.instance)`,
  );
  return found.map(({ hostname }) => hostname);
}
