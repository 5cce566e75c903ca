// All SQL that reads the feed log as a history.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { SentAlarm } from '../mirror/mirror-rows.ts';

export interface AlarmHistoryFilter {
  readonly regions?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly after?: Date | null;
  readonly before?: Date | null;
  readonly entityInstanceId?: string | null;
  readonly hosts?: readonly string[] | null;
  readonly alarmIds?: readonly string[] | null;
  readonly severities?: readonly string[] | null;
  readonly kinds?: readonly string[] | null;
}

export interface LoggedTransition {
  /** In the feed log: newest last. */
  readonly position: string;
  readonly region: string;
  readonly kind: string;
  readonly at: string;
  readonly alarm: SentAlarm & { readonly note?: { readonly by?: string | null; readonly comment?: string | null } };
}

// What is told of regions has no alarm: it is no transition; nor is an alarm that is told as a part of a list.
const FILTER = `l.alarm is not null and l.kind <> 'SNAPSHOT'
  and ($1::text[] is null or l.region = any($1))
  and ($2::text[] is null or l.region in (select r.id from region r where r.group_name = any($2)))
  and ($3::timestamptz is null or l.at >= $3)
  and ($4::timestamptz is null or l.at < $4)
  and ($5::text is null or l.alarm->>'entityInstanceId' = $5)
  and ($6::text[] is null or l.alarm->>'hostname' = any($6))
  and ($7::text[] is null or l.alarm->>'alarmId' = any($7))
  and ($8::text[] is null or l.alarm->>'severity' = any($8))
  and ($9::text[] is null or l.kind = any($9))`;

const values = (filter: AlarmHistoryFilter): unknown[] => [
  filter.regions ?? null,
  filter.groups ?? null,
  filter.after?.toISOString() ?? null,
  filter.before?.toISOString() ?? null,
  filter.entityInstanceId ?? null,
  filter.hosts ?? null,
  filter.alarmIds ?? null,
  filter.severities ?? null,
  filter.kinds ?? null,
];

export const keyOfTransition = (transition: LoggedTransition): readonly string[] => [transition.position];

export const listTransitions = (sql: Sql, filter: AlarmHistoryFilter, page: Page): Promise<LoggedTransition[]> =>
  rows(
    sql,
    `/* fleet.history */ select l.position, l.region, l.kind, l.at, l.alarm from feed_log l
     where ${FILTER} and ($10::bigint is null or l.position < $10) order by l.position desc limit $11`,
    [...values(filter), page.after?.[0] ?? null, page.first + 1],
  );

export async function countTransitions(sql: Sql, filter: AlarmHistoryFilter): Promise<number> {
  const text = `/* fleet.historyCount */ select count(*)::int as n from feed_log l where ${FILTER}`;
  return (await one<{ n: number }>(sql, text, values(filter)))?.n ?? 0;
}
