// Keeps the days of one log ready, and the log within its age and size. All that moves partitions runs in outbox
// transactions: one writer at a time, and one order of locks.
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { dropDay, findDays, hasDay, type LogTable, makeDay } from './day-store.ts';
import { dayOf, daysNeeded, daysToDrop, type Retention } from './retention.ts';

export interface DayLog {
  /** That the day of this transaction is there: to be called before something is appended in it. */
  haveDay(tx: OutboxTransaction): Promise<void>;
  /** Makes today and the days ahead. */
  makeAhead(): Promise<void>;
  /** Drops what is over age or size; gives up where somebody reads. */
  dropOld(): Promise<void>;
}

export interface DayLogDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly table: LogTable;
  readonly retention: Retention;
  readonly log: Logger;
  now(): Date;
  /** Number of the last row. */
  head(): Promise<string>;
}

export function dayLog({ sql, outbox, table, retention, log, now, head }: DayLogDeps): DayLog {
  let ready: ReadonlySet<string> = new Set(); // days known to be there

  return {
    haveDay: async tx => {
      const day = dayOf(tx.at);
      // only after a leap of the clock; not remembered, as the transaction may fail
      if (!ready.has(day) && !(await hasDay(tx.sql, table, day))) await makeDay(tx.sql, table, day);
    },
    makeAhead: async () => {
      const there = new Set((await findDays(sql, table)).map(({ day }) => day));
      const needed = daysNeeded(now());
      if (needed.some(day => !there.has(day))) await outbox.transaction(tx => makeMissing(tx.sql, needed));
      ready = new Set(needed);
    },
    dropOld: async () => {
      const old = daysToDrop(await findDays(sql, table), await head(), now(), retention);
      for (const day of old) await outbox.transaction(tx => dropDay(tx.sql, table, day));
      if (old.length > 0) log.info({ table, days: old.length, newest: old.at(-1) }, 'old days dropped');
    },
  };

  async function makeMissing(within: Sql, days: readonly string[]): Promise<void> {
    for (const day of days) if (!(await hasDay(within, table, day))) await makeDay(within, table, day);
  }
}
