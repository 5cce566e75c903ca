// Keeps every transition of alarms, and the history within its age and size. All that moves partitions runs in outbox
// transactions: one writer at a time, and one order of locks.
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { dropDay, findDays, forgetCleared, hasDay, makeDay } from './day-store.ts';
import { dayOf, daysNeeded, daysToDrop, oldestKept, type Retention } from './retention.ts';
import type { TransitionRow } from './transition.ts';
import { insertTransitions } from './transition-store.ts';

export interface AlarmHistory {
  /** Within the transaction that makes the changes. */
  append(tx: OutboxTransaction, transitions: readonly TransitionRow[]): Promise<void>;
  /** Makes the days ahead, drops what is over age or size, and forgets alarms that were cleared before the history begins. */
  sweep(): Promise<void>;
}

export interface AlarmHistoryDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly retention: Retention;
  readonly log: Logger;
  now(): Date;
}

const FORGET_AT_ONCE = 5_000; // alarms in one statement: short locks

export function alarmHistory({ sql, outbox, retention, log, now }: AlarmHistoryDeps): AlarmHistory {
  let ready: ReadonlySet<string> = new Set(); // days known to be there

  return {
    append: async (tx, transitions) => {
      if (transitions.length === 0) return;
      const day = dayOf(tx.at);
      // only after a leap of the clock; not remembered, as the transaction may fail
      if (!ready.has(day) && !(await hasDay(tx.sql, day))) await makeDay(tx.sql, day);
      await insertTransitions(tx.sql, transitions);
    },
    sweep: async () => {
      const days = await findDays(sql);
      const there = new Set(days.map(({ day }) => day));
      const needed = daysNeeded(now());
      if (needed.some(day => !there.has(day))) await outbox.transaction(tx => makeMissing(tx.sql, needed));
      ready = new Set(needed);
      await forget(oldestKept(now(), retention).toISOString());
      // last, as it gives up where somebody reads
      await dropOld(daysToDrop(days, (await outbox.head()).sequence, now(), retention));
    },
  };

  async function dropOld(days: readonly string[]): Promise<void> {
    for (const day of days) await outbox.transaction(tx => dropDay(tx.sql, day));
    if (days.length > 0) log.info({ days: days.length, newest: days.at(-1) }, 'days of alarm history dropped');
  }

  async function forget(before: string): Promise<void> {
    while ((await forgetCleared(sql, before, FORGET_AT_ONCE)) === FORGET_AT_ONCE);
  }
}

async function makeMissing(sql: Sql, days: readonly string[]): Promise<void> {
  for (const day of days) if (!(await hasDay(sql, day))) await makeDay(sql, day);
}
