// All SQL on alarms. Knows no rules.

import type { Severity } from '../../../catalogue/catalogue.ts';
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { AlarmRow } from './alarm.ts';

const COLUMNS = `id, alarm_id as "alarmId", title, severity, entity_type_id as "entityTypeId",
  entity_instance_id as "entityInstanceId", hostname, reason_text as "reasonText", alarm_type as "alarmType",
  probable_cause as "probableCause", proposed_repair_action as "proposedRepairAction",
  service_affecting as "serviceAffecting", management_affecting as "managementAffecting",
  degrade_affecting as "degradeAffecting", acknowledged_at as "acknowledgedAt",
  acknowledged_by as "acknowledgedBy", acknowledged_comment as "acknowledgedComment", suppressed, masked, raised_at as "raisedAt", updated_at as "updatedAt",
  cleared_at as "clearedAt", sequence`;

export interface AlarmKey {
  readonly alarmId: string;
  readonly entityInstanceId: string;
}

export interface RegionAlarmFilter {
  readonly severities?: readonly Severity[] | null;
  readonly alarmIds?: readonly string[] | null;
  readonly entityInstanceId?: string | null;
  readonly acknowledged?: boolean | null;
  readonly includeSuppressed?: boolean | null;
  readonly includeMasked?: boolean | null;
}

export const findByIds = (sql: Sql, ids: readonly string[]): Promise<AlarmRow[]> =>
  rows(sql, `/* alarms.byIds */ select ${COLUMNS} from alarm where id = any($1::uuid[])`, [ids]);

/** Of each key the open alarm, else the one that was cleared last. */
export const findNewest = (sql: Sql, keys: readonly AlarmKey[]): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.newestByKeys */ select newest.* from unnest($1::text[], $2::text[]) as wanted (kind, place)
     cross join lateral (
       select ${COLUMNS} from alarm where alarm_id = wanted.kind and entity_instance_id = wanted.place
       order by cleared_at desc nulls first limit 1
     ) as newest`,
    [keys.map(key => key.alarmId), keys.map(key => key.entityInstanceId)],
  );

/** Open alarms of this alarmId whose entity begins with this text: more than lie below it (`host=a.b` is no part of `host=a`). */
export const findOpenFrom = (sql: Sql, { alarmId, entityInstanceId }: AlarmKey): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.openFrom */ select ${COLUMNS} from alarm
     where cleared_at is null and alarm_id = $1 and starts_with(entity_instance_id, $2)
     order by entity_instance_id`,
    [alarmId, entityInstanceId],
  );

export const findOpenByAlarmIds = (sql: Sql, alarmIds: readonly string[]): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.openByAlarmIds */ select ${COLUMNS} from alarm
     where cleared_at is null and alarm_id = any($1::text[]) order by raised_at, id`,
    [alarmIds],
  );

export const findOpenByHosts = (
  sql: Sql,
  hostnames: readonly string[],
  alarmIds: readonly string[] | null = null,
): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.openByHosts */ select ${COLUMNS} from alarm
     where cleared_at is null and hostname = any($1::text[]) and ($2::text[] is null or alarm_id = any($2))
     order by raised_at, id`,
    [hostnames, alarmIds],
  );

/** Open alarms with any of these keys. */
export const findOpen = (sql: Sql, keys: readonly AlarmKey[]): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.openByKeys */ select ${COLUMNS} from alarm
     where cleared_at is null
       and (alarm_id, entity_instance_id) in (select * from unnest($1::text[], $2::text[]))`,
    [keys.map(key => key.alarmId), keys.map(key => key.entityInstanceId)],
  );

export const keyOfAlarm = (alarm: AlarmRow): readonly string[] => [alarm.raisedAt, alarm.id];

const FILTER = `cleared_at is null
  and ($1::text[] is null or severity = any($1))
  and ($2::text[] is null or alarm_id = any($2))
  and ($3::text is null or entity_instance_id = $3)
  and ($4::boolean is null or (acknowledged_at is not null) = $4)
  and ($5::boolean or not suppressed)
  and ($6::boolean or not masked)`;

const filterValues = (filter: RegionAlarmFilter): unknown[] => [
  filter.severities ?? null,
  filter.alarmIds ?? null,
  filter.entityInstanceId ?? null,
  filter.acknowledged ?? null,
  filter.includeSuppressed ?? false,
  filter.includeMasked ?? false,
];

const AFTER = '($7::timestamptz is null or (raised_at, id) < ($7, $8::uuid))';

const pageValues = (page: Page): unknown[] => [page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1];

export interface AlarmList {
  readonly found: AlarmRow[];
  readonly totalCount: number;
}

/** Open alarms of the region, newest first. */
export async function listOpen(sql: Sql, filter: RegionAlarmFilter, page: Page): Promise<AlarmList> {
  const [found, total] = await Promise.all([
    rows<AlarmRow>(
      sql,
      `/* alarms.page */ select ${COLUMNS} from alarm where ${FILTER} and ${AFTER}
       order by raised_at desc, id desc limit $9`,
      [...filterValues(filter), ...pageValues(page)],
    ),
    one<{ n: number }>(
      sql,
      `/* alarms.count */ select count(*)::int as n from alarm where ${FILTER}`,
      filterValues(filter),
    ),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

/** The same page for many hosts in one statement each for rows and counts. */
export async function listOpenByHost(
  sql: Sql,
  hostnames: readonly string[],
  filter: RegionAlarmFilter,
  page: Page,
): Promise<Map<string, AlarmList>> {
  const [found, totals] = await Promise.all([
    rows<AlarmRow & { hostname: string }>(
      sql,
      `/* alarms.pageByHost */ select page.* from unnest($10::text[]) as wanted (name)
       cross join lateral (
         select ${COLUMNS} from alarm where hostname = wanted.name and ${FILTER} and ${AFTER}
         order by raised_at desc, id desc limit $9
       ) as page`,
      [...filterValues(filter), ...pageValues(page), hostnames],
    ),
    rows<{ hostname: string; n: number }>(
      sql,
      `/* alarms.countByHost */ select hostname, count(*)::int as n from alarm
       where hostname = any($7::text[]) and ${FILTER} group by hostname`,
      [...filterValues(filter), hostnames],
    ),
  ]);
  const lists = new Map<string, { found: AlarmRow[]; totalCount: number }>(
    hostnames.map(name => [name, { found: [], totalCount: 0 }]),
  );
  for (const alarm of found) lists.get(alarm.hostname)?.found.push(alarm);
  for (const { hostname, n } of totals) lists.get(hostname)!.totalCount = n;
  return lists;
}

/** Inserts the alarms or replaces them. */
export async function saveAlarms(sql: Sql, alarms: readonly AlarmRow[]): Promise<void> {
  if (alarms.length === 0) return;
  await rows(
    sql,
    `/* alarms.save */ insert into alarm (id, alarm_id, title, severity, entity_type_id, entity_instance_id, hostname,
       reason_text, alarm_type, probable_cause, proposed_repair_action, service_affecting, management_affecting,
       degrade_affecting, acknowledged_at, acknowledged_by, acknowledged_comment, suppressed, masked, raised_at, updated_at,
       cleared_at, sequence)
     select id, "alarmId", title, severity, "entityTypeId", "entityInstanceId", hostname, "reasonText", "alarmType",
       "probableCause", "proposedRepairAction", "serviceAffecting", "managementAffecting", "degradeAffecting",
       "acknowledgedAt", "acknowledgedBy", "acknowledgedComment", suppressed, masked, "raisedAt", "updatedAt", "clearedAt", sequence
     from jsonb_to_recordset($1) as row (id uuid, "alarmId" text, title text, severity text, "entityTypeId" text,
       "entityInstanceId" text, hostname text, "reasonText" text, "alarmType" text, "probableCause" text,
       "proposedRepairAction" text, "serviceAffecting" boolean, "managementAffecting" boolean,
       "degradeAffecting" boolean, "acknowledgedAt" timestamptz, "acknowledgedBy" text,
       "acknowledgedComment" text, suppressed boolean, masked boolean, "raisedAt" timestamptz,
       "updatedAt" timestamptz, "clearedAt" timestamptz, sequence bigint)
     on conflict (id) do update set title = excluded.title, severity = excluded.severity,
       reason_text = excluded.reason_text, alarm_type = excluded.alarm_type, probable_cause = excluded.probable_cause,
       proposed_repair_action = excluded.proposed_repair_action, service_affecting = excluded.service_affecting,
       management_affecting = excluded.management_affecting, degrade_affecting = excluded.degrade_affecting,
       acknowledged_at = excluded.acknowledged_at, acknowledged_by = excluded.acknowledged_by,
       acknowledged_comment = excluded.acknowledged_comment,
       suppressed = excluded.suppressed, masked = excluded.masked,
       updated_at = excluded.updated_at, cleared_at = excluded.cleared_at, sequence = excluded.sequence`,
    [JSON.stringify(alarms)],
  );
}
