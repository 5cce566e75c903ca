// All SQL on the days of a log (the alarm history, the event log): its partitions. A day is a UTC date, `2026-11-22`.
import { rows, type Sql } from '../../../runtime/sql.ts';
import { type Day, dayAfter, isDay } from './retention.ts';

/** A table with `at` and a `sequence` without gaps, partitioned by day of `at`. */
export type LogTable = 'alarm_transition' | 'event';

const partitionOf = (table: LogTable, day: string): string => {
  if (!isDay(day)) throw new Error(`${day} is no day`); // it becomes a part of a statement
  return `${table}_${day.replaceAll('-', '')}`;
};

/** The days that there are, oldest first, each with the number of its first row. */
export async function findDays(sql: Sql, table: LogTable): Promise<Day[]> {
  const found = await rows<{ name: string }>(
    sql,
    `/* history.days */ select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = $1::regclass order by 1`,
    [table],
  );
  const days = found
    .map(({ name }) => name.slice(table.length + 1).replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'))
    .filter(isDay); // what somebody else attached is left alone
  return rows(
    sql,
    `/* history.firsts */ select day, (
       select sequence from ${table} where at >= first and at < next order by at, sequence limit 1
     ) as "firstSequence"
     from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as d (day, first, next) order by day`,
    [days, days.map(midnight), days.map(day => midnight(dayAfter(day)))],
  );
}

export async function hasDay(sql: Sql, table: LogTable, day: string): Promise<boolean> {
  const [found] = await rows<{ there: boolean }>(
    sql,
    '/* history.hasDay */ select to_regclass($1) is not null as there',
    [partitionOf(table, day)],
  );
  return found?.there ?? false;
}

/** Made apart and then attached: `create … partition of` would wait for every reader, and everybody for it. */
export async function makeDay(sql: Sql, table: LogTable, day: string): Promise<void> {
  const partition = partitionOf(table, day);
  await rows(sql, `/* history.makeDay */ create table ${partition} (like ${table})`);
  await rows(
    sql,
    `/* history.attachDay */ alter table ${table} attach partition ${partition}
     for values from ('${midnight(day)}') to ('${midnight(dayAfter(day))}')`,
  );
}

/** Must run in a transaction: gives up rather than queue everybody behind a long reader. */
export async function dropDay(sql: Sql, table: LogTable, day: string): Promise<void> {
  await rows(sql, `/* history.patience */ set local lock_timeout = '1s'`);
  await rows(sql, `/* history.dropDay */ drop table ${partitionOf(table, day)}`);
}

/** Forgets up to `limit` alarms that were cleared before this instant; answers how many. */
export async function forgetCleared(sql: Sql, before: string, limit: number): Promise<number> {
  const gone = await rows(
    sql,
    `/* history.forgetCleared */ delete from alarm
     where id in (select id from alarm where cleared_at < $1 order by cleared_at limit $2) returning 1`,
    [before, limit],
  );
  return gone.length;
}

const midnight = (day: string): string => `${day}T00:00:00.000Z`;
