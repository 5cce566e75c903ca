// All SQL that reads mirrored alarms.
import type { KeyPart, Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import { UNEXPLAINED } from '../correlation/unexplained-store.ts';
import type { MirrorAlarm, SentAlarm } from '../mirror/mirror-rows.ts';
import type { AlarmFilter } from './alarm-filter.ts';

/** Conditions on `mirror_alarm m`; takes the first thirteen parameters. */
const FILTER_SQL = `($1::text[] is null or m.region = any($1))
  and ($2::text[] is null or m.region in (select r.id from region r where r.group_name = any($2)))
  and ($3::text[] is null or m.severity = any($3))
  and ($4::text[] is null or m.alarm_id = any($4))
  and ($5::text is null or m.entity_instance_id = $5)
  and ($6::text[] is null or m.hostname = any($6))
  and ($7::text is null or m.entity_instance_id ilike $7 or m.alarm->>'reasonText' ilike $7 or m.alarm->>'title' ilike $7)
  and ($8::timestamptz is null or m.raised_at > $8)
  and ($9::timestamptz is null or m.raised_at < $9)
  and ($10::boolean is null or m.acknowledged = $10)
  and ($11::boolean or not m.suppressed) and ($12::boolean or not m.masked)
  and ($13::boolean or not m.in_maintenance)`;

/** What few ask for is said only when asked for: the planner makes joins of it. */
const filterSql = ({ flapping, rootCausesOnly }: AlarmFilter): string =>
  [
    FILTER_SQL,
    ...(typeof flapping === 'boolean' ? [`coalesce((m.alarm->>'flapping')::boolean, false) = ${flapping}`] : []),
    ...(rootCausesOnly ? [UNEXPLAINED] : []),
  ].join(' and ');

const filterValues = (filter: AlarmFilter): unknown[] => [
  filter.regions ?? null,
  filter.groups ?? null,
  filter.severities ?? null,
  filter.alarmIds ?? null,
  filter.entityInstanceId ?? null,
  filter.hosts ?? null,
  filter.text ? containing(filter.text) : null,
  filter.raisedAfter?.toISOString() ?? null,
  filter.raisedBefore?.toISOString() ?? null,
  filter.acknowledged ?? null,
  filter.includeHidden || (filter.includeSuppressed ?? false),
  filter.includeHidden || (filter.includeMasked ?? false),
  filter.includeHidden ?? false,
];

export type AlarmOrder = 'NEWEST_FIRST' | 'OLDEST_FIRST' | 'SEVERITY';

/** A mirrored alarm with its place in the lists. */
export interface ListedAlarm extends MirrorAlarm {
  /** Global id. */
  readonly globalId: string;
  readonly severityRank: number;
}

interface Order {
  /** Sort key of a row, as it goes into the cursor. */
  readonly parts: readonly KeyPart[];
  keyOf(alarm: ListedAlarm): readonly string[];
  /** Rows after the key in $14, $15 and $16. */
  readonly after: string;
  readonly by: string;
}

const byTime = (alarm: ListedAlarm): readonly string[] => [alarm.raisedAt, alarm.globalId];

export const ORDERS: Readonly<Record<AlarmOrder, Order>> = {
  NEWEST_FIRST: {
    parts: ['instant', 'text'],
    keyOf: byTime,
    after: '($14::timestamptz is null or (m.raised_at, m.id) < ($14, $15::text)) and $16::text is null',
    by: 'm.raised_at desc, m.id desc',
  },
  OLDEST_FIRST: {
    parts: ['instant', 'text'],
    keyOf: byTime,
    after: '($14::timestamptz is null or (m.raised_at, m.id) > ($14, $15::text)) and $16::text is null',
    by: 'm.raised_at, m.id',
  },
  SEVERITY: {
    parts: ['number', 'instant', 'text'],
    keyOf: alarm => [String(alarm.severityRank), ...byTime(alarm)],
    after: `($14::int is null or m.severity_rank > $14
      or (m.severity_rank = $14 and (m.raised_at, m.id) < ($15::timestamptz, $16::text)))`,
    by: 'm.severity_rank, m.raised_at desc, m.id desc',
  },
};

export interface AlarmRecord {
  readonly id: string;
  readonly region: string;
  readonly severityRank: number;
  readonly alarm: SentAlarm;
}

export const COLUMNS = 'm.id, m.region, m.severity_rank as "severityRank", m.alarm';

export const toListed = ({ id, region, severityRank, alarm }: AlarmRecord): ListedAlarm => ({
  ...alarm,
  region,
  severityRank,
  globalId: id,
});

export async function listAlarms(
  sql: Sql,
  filter: AlarmFilter,
  orderBy: AlarmOrder,
  page: Page,
): Promise<{ found: ListedAlarm[]; totalCount: number }> {
  const order = ORDERS[orderBy];
  const values = filterValues(filter);
  const [found, total] = await Promise.all([
    rows<AlarmRecord>(
      sql,
      `/* fleet.alarms */ select ${COLUMNS} from mirror_alarm m where ${filterSql(filter)} and ${order.after}
       order by ${order.by} limit $17`,
      [...values, page.after?.[0] ?? null, page.after?.[1] ?? null, page.after?.[2] ?? null, page.first + 1],
    ),
    one<{ n: number }>(
      sql,
      `/* fleet.alarmCount */ select count(*)::int as n from mirror_alarm m where ${filterSql(filter)}`,
      values,
    ),
  ]);
  return { found: found.map(toListed), totalCount: total?.n ?? 0 };
}

/** Every open alarm that matches, oldest first: the snapshot of a feed. */
export async function allAlarms(sql: Sql, filter: AlarmFilter): Promise<MirrorAlarm[]> {
  const found = await rows<AlarmRecord>(
    sql,
    `/* feed.snapshot */ select ${COLUMNS} from mirror_alarm m where ${filterSql(filter)} order by m.raised_at, m.id`,
    filterValues(filter),
  );
  return found.map(toListed);
}

export interface SeverityCount {
  readonly region: string;
  readonly severity: string;
  readonly n: number;
}

/** `ownOnly` leaves out what the centre raised about the regions. */
export const countBySeverity = (sql: Sql, filter: AlarmFilter, ownOnly = false): Promise<SeverityCount[]> =>
  rows(
    sql,
    `/* fleet.alarmCounts */ select m.region, m.severity, count(*)::int as n from mirror_alarm m
     where ${filterSql(filter)} and (not $14::boolean or m.origin = 'REGION') group by m.region, m.severity`,
    [...filterValues(filter), ownOnly],
  );
