// All SQL on alarms. Knows no rules.

import type { Severity } from '../../../catalogue/catalogue.ts';
import type { Page } from '../../../runtime/connection.ts';
import { type Columns, nameOf, namesOf, one, rows, type Sql, tableOf } from '../../../runtime/sql.ts';
import type { SnapshotQuery } from '../../../runtime/subgraph.ts';
import { UNEXPLAINED } from '../correlation/unexplained-store.ts';
import type { AlarmRow } from './alarm.ts';

/** Set when the alarm is raised, and never again. */
const FIXED = {
  id: 'id uuid',
  alarmId: 'alarm_id text',
  entityTypeId: 'entity_type_id text',
  entityInstanceId: 'entity_instance_id text',
  hostname: 'hostname text',
  raisedAt: 'raised_at timestamptz',
} as const;

const CHANGING = {
  title: 'title text',
  severity: 'severity text',
  reasonText: 'reason_text text',
  alarmType: 'alarm_type text',
  probableCause: 'probable_cause text',
  proposedRepairAction: 'proposed_repair_action text',
  serviceAffecting: 'service_affecting boolean',
  managementAffecting: 'management_affecting boolean',
  degradeAffecting: 'degrade_affecting boolean',
  acknowledgedAt: 'acknowledged_at timestamptz',
  acknowledgedBy: 'acknowledged_by text',
  acknowledgedComment: 'acknowledged_comment text',
  suppressed: 'suppressed boolean',
  masked: 'masked boolean',
  inMaintenance: 'in_maintenance boolean',
  flapping: 'flapping boolean',
  updatedAt: 'updated_at timestamptz',
  clearedAt: 'cleared_at timestamptz',
  sequence: 'sequence bigint',
} as const;

const ALL = { ...FIXED, ...CHANGING } satisfies { [K in keyof AlarmRow]: string };

export const COLUMNS = Object.entries(ALL)
  .map(([field, column]) => `${nameOf(column)} as "${field}"`)
  .join(', ');

/** Every open alarm, for followers. */
export const OPEN_ALARMS: SnapshotQuery = {
  statement: `select ${COLUMNS} from alarm where cleared_at is null`,
  key: 'id',
};

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
  readonly includeHidden?: boolean | null;
  readonly managementAffecting?: boolean | null;
  readonly flapping?: boolean | null;
  readonly rootCausesOnly?: boolean | null;
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

/** Open alarms whose entity begins with any of these texts, which is more than lies below them; null is every one. */
export const findOpenFromAny = (sql: Sql, places: readonly (string | null)[]): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* alarms.openFromAny */ select ${COLUMNS} from alarm
     where cleared_at is null
       and ($2 or exists (select from unnest($1::text[]) as wanted (place) where starts_with(entity_instance_id, place)))
     order by raised_at, id`,
    [places.filter(place => place !== null), places.includes(null)],
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
  and ($6::boolean or not masked)
  and ($7::boolean or not in_maintenance)`;

/** What few ask for is said only when asked for: the planner makes a join of it. */
const filterSql = ({ managementAffecting, flapping, rootCausesOnly }: RegionAlarmFilter): string =>
  [
    FILTER,
    ...(typeof managementAffecting === 'boolean'
      ? [`coalesce(management_affecting, false) = ${managementAffecting}`]
      : []),
    ...(typeof flapping === 'boolean' ? [flapping ? 'flapping' : 'not flapping'] : []),
    ...(rootCausesOnly ? [UNEXPLAINED] : []),
  ].join(' and ');

const filterValues = (filter: RegionAlarmFilter): unknown[] => [
  filter.severities ?? null,
  filter.alarmIds ?? null,
  filter.entityInstanceId ?? null,
  filter.acknowledged ?? null,
  filter.includeHidden || (filter.includeSuppressed ?? false),
  filter.includeHidden || (filter.includeMasked ?? false),
  filter.includeHidden ?? false,
];

const AFTER = '($8::timestamptz is null or (raised_at, id) < ($8, $9::uuid))';

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
      `/* alarms.page */ select ${COLUMNS} from alarm where ${filterSql(filter)} and ${AFTER}
       order by raised_at desc, id desc limit $10`,
      [...filterValues(filter), ...pageValues(page)],
    ),
    one<{ n: number }>(
      sql,
      `/* alarms.count */ select count(*)::int as n from alarm where ${filterSql(filter)}`,
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
      `/* alarms.pageByHost */ select page.* from unnest($11::text[]) as wanted (name)
       cross join lateral (
         select ${COLUMNS} from alarm where hostname = wanted.name and ${filterSql(filter)} and ${AFTER}
         order by raised_at desc, id desc limit $10
       ) as page`,
      [...filterValues(filter), ...pageValues(page), hostnames],
    ),
    rows<{ hostname: string; n: number }>(
      sql,
      `/* alarms.countByHost */ select hostname, count(*)::int as n from alarm
       where hostname = any($8::text[]) and ${filterSql(filter)} group by hostname`,
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

export async function insertAlarms(sql: Sql, alarms: readonly AlarmRow[]): Promise<void> {
  if (alarms.length === 0) return;
  const { table, values } = tableOf<AlarmRow>(ALL, alarms);
  await rows(sql, `/* alarms.insert */ insert into alarm (${namesOf(ALL)}) select * from ${table} as new`, values);
}

/** What a clear alone changes: a third of the arrays of `updateAlarms`. */
const CLEARING = {
  updatedAt: CHANGING.updatedAt,
  clearedAt: CHANGING.clearedAt,
  sequence: CHANGING.sequence,
} as const;

export const clearAlarms = (sql: Sql, alarms: readonly AlarmRow[]): Promise<void> => update(sql, CLEARING, alarms);

export const updateAlarms = (sql: Sql, alarms: readonly AlarmRow[]): Promise<void> => update(sql, CHANGING, alarms);

async function update(sql: Sql, columns: Columns<AlarmRow>, alarms: readonly AlarmRow[]): Promise<void> {
  if (alarms.length === 0) return;
  const { table, values } = tableOf<AlarmRow>({ id: FIXED.id, ...columns }, alarms);
  await rows(
    sql,
    `/* alarms.update */ update alarm set ${namesOf(columns).map(name => `${name} = now.${name}`)}
     from ${table} as now where alarm.id = now.id`,
    values,
  );
}
