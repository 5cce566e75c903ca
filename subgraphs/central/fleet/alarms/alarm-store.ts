// All SQL that reads mirrored alarms.
import type { KeyPart, Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import { UNEXPLAINED } from '../correlation/unexplained-store.ts';
import type { MirrorAlarm, SentAlarm } from '../mirror/mirror-rows.ts';
import type { AlarmFilter } from './alarm-filter.ts';

/** Conditions on a table `m`, joined by `and`, with the values of their parameters. */
interface Where {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A condition that a filter makes when its value is given; `?` stands for the value. */
type Condition = readonly [text: string, value: unknown];

/** What can also be asked of `mirror_alarm_count`. */
const countable = (filter: AlarmFilter): readonly Condition[] => [
  ['m.region = any(?::text[])', filter.regions],
  ['m.region in (select r.id from region r where r.group_name = any(?::text[]))', filter.groups],
  ['m.severity = any(?::text[])', filter.severities],
  ['m.acknowledged = ?::boolean', filter.acknowledged],
  ['(?::boolean or not m.suppressed)', filter.includeHidden || (filter.includeSuppressed ?? false)],
  ['(?::boolean or not m.masked)', filter.includeHidden || (filter.includeMasked ?? false)],
  ['(?::boolean or not m.in_maintenance)', filter.includeHidden ?? false],
];

/** What only the alarms themselves tell. */
const particular = (filter: AlarmFilter): readonly Condition[] => [
  ['m.alarm_id = any(?::text[])', filter.alarmIds],
  ['m.entity_instance_id = ?', filter.entityInstanceId],
  ['m.hostname = any(?::text[])', filter.hosts],
  [
    "(m.entity_instance_id ilike ? or m.alarm->>'reasonText' ilike ? or m.alarm->>'title' ilike ?)",
    filter.text ? containing(filter.text) : null,
  ],
  ['m.raised_at > ?::timestamptz', filter.raisedAfter?.toISOString()],
  ['m.raised_at < ?::timestamptz', filter.raisedBefore?.toISOString()],
  ["coalesce((m.alarm->>'managementAffecting')::boolean, false) = ?::boolean", filter.managementAffecting],
  ["coalesce((m.alarm->>'flapping')::boolean, false) = ?::boolean", filter.flapping],
  [UNEXPLAINED, filter.rootCausesOnly || null],
];

/** Only what is given becomes text: PostgreSQL plans the page that was asked for, not all that might have been. */
function whereOf(conditions: readonly Condition[]): Where {
  const values: unknown[] = [];
  const given = conditions.filter(([, value]) => value !== null && value !== undefined);
  const texts = given.map(([text, value]) =>
    text.includes('?') ? text.replaceAll('?', `$${values.push(value)}`) : text,
  );
  return { text: texts.join(' and '), values };
}

const isCountable = (filter: AlarmFilter): boolean => whereOf(particular(filter)).text === '';

const matching = (filter: AlarmFilter): Where => whereOf([...countable(filter), ...particular(filter)]);

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
  readonly by: string;
  /**
   * Rows after a key whose parts are the parameters `$1`, `$2` … of the list, as conditions that an index can begin at.
   * More than one: each holds rows that come after all rows of the one before.
   */
  readonly after: readonly string[];
}

const byTime = (alarm: ListedAlarm): readonly string[] => [alarm.raisedAt, alarm.globalId];

export const ORDERS: Readonly<Record<AlarmOrder, Order>> = {
  NEWEST_FIRST: {
    parts: ['instant', 'text'],
    keyOf: byTime,
    by: 'm.raised_at desc, m.id desc',
    after: ['(m.raised_at, m.id) < ($1::timestamptz, $2::text)'],
  },
  OLDEST_FIRST: {
    parts: ['instant', 'text'],
    keyOf: byTime,
    by: 'm.raised_at, m.id',
    after: ['(m.raised_at, m.id) > ($1::timestamptz, $2::text)'],
  },
  SEVERITY: {
    parts: ['number', 'instant', 'text'],
    keyOf: alarm => [String(alarm.severityRank), ...byTime(alarm)],
    by: 'm.severity_rank, m.raised_at desc, m.id desc',
    after: [
      'm.severity_rank = $1::int and (m.raised_at, m.id) < ($2::timestamptz, $3::text)',
      '$2::timestamptz is not null and $3::text is not null and m.severity_rank > $1::int',
    ],
  },
};

export interface AlarmRecord {
  readonly id: string;
  readonly region: string;
  readonly severityRank: number;
  readonly alarm: SentAlarm;
}

export const COLUMNS = 'm.id, m.region, m.severity_rank as "severityRank", m.alarm';

/** The row's own document with what it lacks: copying each would cost more than reading it did. */
export const toListed = ({ id, region, severityRank, alarm }: AlarmRecord): ListedAlarm =>
  Object.assign(alarm, { region, severityRank, globalId: id });

/** A page and, when there is one, the alarm after it. */
export async function listAlarms(
  sql: Sql,
  filter: AlarmFilter,
  orderBy: AlarmOrder,
  page: Page,
): Promise<ListedAlarm[]> {
  const { by, after } = ORDERS[orderBy];
  if (page.after === null) return listPart(sql, matching(filter), by, page.first + 1);
  const found: ListedAlarm[] = [];
  for (const condition of after) {
    const wanted = page.first + 1 - found.length;
    if (wanted > 0) found.push(...(await listPart(sql, behind(page.after, condition, filter), by, wanted)));
  }
  return found;
}

/** The filter's conditions behind those of a key. */
function behind(key: readonly string[], condition: string, filter: AlarmFilter): Where {
  const { text, values } = matching(filter);
  const shifted = text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + key.length}`);
  return { text: `${condition} and ${shifted}`, values: [...key, ...values] };
}

async function listPart(sql: Sql, where: Where, by: string, limit: number): Promise<ListedAlarm[]> {
  const found = await rows<AlarmRecord>(
    sql,
    `/* fleet.alarms */ select ${COLUMNS} from mirror_alarm m where ${where.text} order by ${by} limit ${limit}`,
    where.values,
  );
  return found.map(toListed);
}

export async function countAlarms(sql: Sql, filter: AlarmFilter): Promise<number> {
  const { from, n, where } = countedBy(filter);
  const text = `/* fleet.alarmCount */ select ${n} as n from ${from} m where ${where.text}`;
  return (await one<{ n: number }>(sql, text, where.values))?.n ?? 0;
}

export interface SeverityCount {
  readonly region: string;
  readonly severity: string;
  readonly n: number;
}

/** `ownOnly` leaves out what the centre raised about the regions. */
export function countBySeverity(sql: Sql, filter: AlarmFilter, ownOnly = false): Promise<SeverityCount[]> {
  const { from, n, where } = countedBy(filter);
  return rows(
    sql,
    `/* fleet.alarmCounts */ select m.region, m.severity, ${n} as n from ${from} m
     where ${where.text}${ownOnly ? " and m.origin = 'REGION'" : ''} group by m.region, m.severity`,
    where.values,
  );
}

/** Where a filter's count is cheapest: kept ready per region and kind, or counted one by one. */
const countedBy = (filter: AlarmFilter): { readonly from: string; readonly n: string; readonly where: Where } =>
  isCountable(filter)
    ? { from: 'mirror_alarm_count', n: 'coalesce(sum(m.n), 0)::int', where: whereOf(countable(filter)) }
    : { from: 'mirror_alarm', n: 'count(*)::int', where: matching(filter) };

const PER_FETCH = 1_000; // rows; about 1 MB

/** An alarm as text, so that whoever only passes it on need not read it. */
export interface AlarmText {
  readonly region: string;
  /** JSON of a SentAlarm, in one line. */
  readonly alarm: string;
}

/** Hands out every open alarm that matches, oldest first, some at a time. Needs a transaction of its own. */
export async function eachAlarm(
  tx: Sql,
  filter: AlarmFilter,
  take: (some: readonly AlarmText[]) => Promise<void>,
): Promise<void> {
  const { text, values } = matching(filter);
  await rows(
    tx,
    `/* feed.snapshot */ declare snapshot no scroll cursor for
     select m.region, m.alarm::text as alarm from mirror_alarm m where ${text} order by m.raised_at, m.id`,
    values,
  );
  for (;;) {
    const some = await rows<AlarmText>(tx, `/* feed.snapshotPart */ fetch ${PER_FETCH} from snapshot`);
    if (some.length > 0) await take(some);
    if (some.length < PER_FETCH) return;
  }
}
