// All SQL on the rows of the history.

import type { Page } from '../../../runtime/connection.ts';
import { namesOf, one, rows, type Sql, tableOf } from '../../../runtime/sql.ts';
import type { TransitionKind } from '../alarms/alarm-lifecycle.ts';
import { type LogFilter, logConditions, logPage, logValues } from './log-store.ts';
import type { TransitionRow } from './transition.ts';

const COLUMNS = `sequence, kind, at, alarm, alarm_id as "alarmId", entity_instance_id as "entityInstanceId", hostname,
  severity, reason_text as "reasonText", "by", comment`;

/** `RegionAlarmHistoryFilter` of the SDL. */
export interface HistoryFilter extends LogFilter {
  readonly alarmIds?: readonly string[] | null;
  readonly kinds?: readonly TransitionKind[] | null;
}

const WRITTEN = {
  sequence: 'sequence bigint',
  kind: 'kind text',
  at: 'at timestamptz',
  alarm: 'alarm uuid',
  alarmId: 'alarm_id text',
  entityInstanceId: 'entity_instance_id text',
  hostname: 'hostname text',
  severity: 'severity text',
  reasonText: 'reason_text text',
  by: '"by" text',
  comment: 'comment text',
} as const satisfies { [K in keyof TransitionRow]: string };

export async function insertTransitions(sql: Sql, transitions: readonly TransitionRow[]): Promise<void> {
  const { table, values } = tableOf<TransitionRow>(WRITTEN, transitions);
  await rows(
    sql,
    `/* history.append */ insert into alarm_transition (${namesOf(WRITTEN)}) select * from ${table} as new`,
    values,
  );
}

const FILTER = `${logConditions('alarm_id')} and ($9::text[] is null or kind = any($9))`;

const filterValues = (filter: HistoryFilter): unknown[] => [
  ...logValues(filter, filter.alarmIds),
  filter.kinds ?? null,
];

/** The page, and when there is one the transition after it. */
export const listTransitions = (sql: Sql, filter: HistoryFilter, page: Page): Promise<TransitionRow[]> =>
  rows(
    sql,
    // at <= $10 says nothing new to the rows, but lets the later days be left out
    `/* history.page */ select ${COLUMNS} from alarm_transition where ${FILTER}
       and ($10::timestamptz is null or (at <= $10 and (at, sequence) < ($10, $11::bigint)))
     order by at desc, sequence desc limit $12`,
    [...filterValues(filter), ...logPage(page)],
  );

export async function countTransitions(sql: Sql, filter: HistoryFilter): Promise<number> {
  const found = await one<{ n: number }>(
    sql,
    `/* history.count */ select count(*)::int as n from alarm_transition where ${FILTER}`,
    filterValues(filter),
  );
  return found?.n ?? 0;
}

/** An alarm, where it was and when: its transitions lie there. An index by place saves every insert one by alarm. */
export interface AlarmLife {
  readonly id: string;
  readonly entityInstanceId: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
}

const LIVES = 'unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as life (id, place, first, last)';
const OF_LIFE = `entity_instance_id = life.place and alarm = life.id and at >= life.first and (life.last is null or at <= life.last)`;

const lifeValues = (lives: readonly AlarmLife[]): unknown[] => [
  lives.map(life => life.id),
  lives.map(life => life.entityInstanceId),
  lives.map(life => life.raisedAt),
  lives.map(life => life.clearedAt),
];

/** The same page for many alarms in one statement. */
export const listByAlarm = (sql: Sql, lives: readonly AlarmLife[], page: Page): Promise<TransitionRow[]> =>
  rows(
    sql,
    `/* history.pageByAlarm */ select page.* from ${LIVES} cross join lateral (
       select ${COLUMNS} from alarm_transition where ${OF_LIFE}
         and ($5::timestamptz is null or (at, sequence) < ($5, $6::bigint))
       order by at desc, sequence desc limit $7
     ) as page`,
    [...lifeValues(lives), ...logPage(page)],
  );

export const countByAlarm = (sql: Sql, lives: readonly AlarmLife[]): Promise<{ alarm: string; n: number }[]> =>
  rows(
    sql,
    `/* history.countByAlarm */ select life.id as alarm, count(*)::int as n
     from ${LIVES} join alarm_transition on ${OF_LIFE} group by life.id`,
    lifeValues(lives),
  );
