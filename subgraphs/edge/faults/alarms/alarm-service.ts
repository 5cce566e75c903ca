// What can be done with alarms. Each transition is stored, numbered and put into the outbox in one transaction.
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { AlarmRow } from './alarm.ts';
import { ClearAlarmChecks, CommentChecks, RaiseAlarmChecks } from './alarm-input.ts';
import { acknowledge, clear, type Outcome, type Raise, raise, unacknowledge } from './alarm-lifecycle.ts';
import { type AlarmKey, findByIds, findByKey, findOpen, saveAlarms } from './alarm-store.ts';

export interface AlarmPayload {
  readonly alarm: AlarmRow | null;
  readonly userErrors: readonly UserError[];
}

interface Repeatable {
  readonly idempotencyKey?: string | null;
}

export interface RaiseInput extends Repeatable, Omit<Raise, 'reasonText'> {
  readonly reasonText?: string | null;
}

export interface ClearInput extends Repeatable, Partial<{ readonly [K in keyof AlarmKey]: string | null }> {
  /** Local id. */
  readonly id?: string | null;
  readonly region?: string | null;
}

export interface AlarmService {
  raise(input: RaiseInput): Promise<AlarmPayload>;
  clear(input: ClearInput): Promise<AlarmPayload>;
  acknowledge(id: string, input: Repeatable & { readonly comment?: string | null }): Promise<AlarmPayload>;
  unacknowledge(id: string, input: Repeatable): Promise<AlarmPayload>;
  /**
   * Brings the open alarms with these keys to what is wanted: raised as given, or clear. One transaction, and none at
   * all when they are so already. Answers how many changed.
   */
  settle(wanted: readonly WantedAlarm[]): Promise<number>;
}

export interface WantedAlarm {
  readonly key: AlarmKey;
  /** Sees the open alarm, or null; null wants it clear, `'keep'` wants it as it is. */
  decide(open: AlarmRow | null): Raise | null | 'keep';
}

export interface AlarmServiceDeps {
  readonly sql: Sql;
  readonly outbox: Outbox;
  readonly catalogue: Catalogue;
  now(): Date;
  newId(): string;
}

export function alarmService({ sql, outbox, catalogue, now, newId }: AlarmServiceDeps): AlarmService {
  const at = (): string => now().toISOString();
  const raised = (known: AlarmRow | null, command: Raise): Outcome =>
    raise(known, command, { facts: catalogue.facts(command.alarmId, command.severity), newId: newId(), at: at() });

  const run = <I extends Repeatable>(
    operation: string,
    input: I,
    checked: readonly UserError[],
    find: (sql: Sql) => Promise<AlarmRow | null>,
    decide: (known: AlarmRow | null) => Outcome,
  ): Promise<AlarmPayload> => {
    if (checked.length > 0) return Promise.resolve({ alarm: null, userErrors: checked });
    return outbox.transaction(tx =>
      once(tx.sql, operation, input.idempotencyKey, input, refused, async () =>
        carryOut(tx, decide(await find(tx.sql))),
      ),
    );
  };
  const byId = (id: string) => async (tx: Sql) => (await findByIds(tx, [id]))[0] ?? null;

  return {
    raise: input =>
      run(
        'raiseAlarm',
        input,
        inputErrors(RaiseAlarmChecks, input),
        tx => findByKey(tx, input),
        known => raised(known, pickRaise(input)),
      ),
    clear: input =>
      run('clearAlarm', input, inputErrors(ClearAlarmChecks, input), finder(input), known => clear(known, at())),
    acknowledge: (id, input) =>
      run('acknowledgeAlarm', { id, ...input }, inputErrors(CommentChecks, input), byId(id), known =>
        acknowledge(known, input.comment ?? null, at()),
      ),
    unacknowledge: (id, input) =>
      run('unacknowledgeAlarm', { id, ...input }, [], byId(id), known => unacknowledge(known, at())),
    settle: async all => {
      const wanted = [...new Map(all.map(w => [keyText(w.key), w])).values()]; // of one key the last counts
      const keys = wanted.map(w => w.key);
      if ((await outcomesOf(sql, wanted, keys)).length === 0) return 0; // the usual case takes no lock
      return outbox.transaction(async tx => {
        const outcomes = await outcomesOf(tx.sql, wanted, keys);
        for (const outcome of outcomes) await carryOut(tx, outcome);
        return outcomes.length;
      });
    },
  };

  async function outcomesOf(from: Sql, wanted: readonly WantedAlarm[], keys: readonly AlarmKey[]): Promise<Outcome[]> {
    const open = new Map((await findOpen(from, keys)).map(alarm => [keyText(alarm), alarm]));
    return wanted.flatMap(({ key, decide }) => {
      const known = open.get(keyText(key)) ?? null;
      const want = decide(known);
      if (want === 'keep' || (want === null && known === null)) return [];
      const outcome = want === null ? clear(known, at()) : raised(known, want);
      return outcome.kind === 'UNCHANGED' ? [] : [outcome];
    });
  }
}

const keyText = ({ alarmId, entityInstanceId }: AlarmKey): string => `${alarmId} ${entityInstanceId}`;

const refused = (error: UserError): AlarmPayload => ({ alarm: null, userErrors: [error] });

const pickRaise = ({ alarmId, entityInstanceId, severity, reasonText }: RaiseInput): Raise => ({
  alarmId,
  entityInstanceId,
  severity,
  reasonText: reasonText ?? null,
});

function finder({ id, alarmId, entityInstanceId }: ClearInput): (sql: Sql) => Promise<AlarmRow | null> {
  return async sql => {
    if (id) return (await findByIds(sql, [id]))[0] ?? null;
    return findByKey(sql, { alarmId: alarmId ?? '', entityInstanceId: entityInstanceId ?? '' });
  };
}

/** Stores what a command decided, with its number in the region's count. */
async function carryOut(tx: OutboxTransaction, outcome: Outcome): Promise<AlarmPayload> {
  if (outcome.kind === 'REFUSED') return refused(outcome.error);
  if (outcome.kind === 'UNCHANGED') return { alarm: outcome.alarm, userErrors: [] };
  let alarm: AlarmRow | undefined;
  tx.append(outcome.kind, outcome.alarm.id, sequence => {
    alarm = { ...outcome.alarm, sequence };
    return alarm;
  });
  await saveAlarms(tx.sql, [alarm!]);
  return { alarm: alarm!, userErrors: [] };
}
