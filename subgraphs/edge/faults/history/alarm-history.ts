// Keeps every transition of alarms, and the history within its age and size.
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { dayLog } from './day-log.ts';
import { forgetCleared } from './day-store.ts';
import { oldestKept, type Retention } from './retention.ts';
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

export function alarmHistory(deps: AlarmHistoryDeps): AlarmHistory {
  const { sql, outbox, retention, now } = deps;
  // every change of the region's count is one transition
  const days = dayLog({ ...deps, table: 'alarm_transition', head: async () => (await outbox.head()).sequence });

  return {
    append: async (tx, transitions) => {
      if (transitions.length === 0) return;
      await days.haveDay(tx);
      tx.later(insertTransitions(tx.sql, transitions));
    },
    sweep: async () => {
      await days.makeAhead();
      await forget(oldestKept(now(), retention).toISOString());
      await days.dropOld(); // last, as it gives up where somebody reads
    },
  };

  async function forget(before: string): Promise<void> {
    while ((await forgetCleared(sql, before, FORGET_AT_ONCE)) === FORGET_AT_ONCE);
  }
}
