// What can be done with suppressions. Setting or ending one is a change of every open alarm that it hides or shows,
// made in the same transaction.
import type { UserError } from '../../../../schema/errors.ts';
import { inputErrors } from '../../../runtime/checked-input.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Note } from '../alarms/alarm-lifecycle.ts';
import { findOpenByAlarmIds } from '../alarms/alarm-store.ts';
import type { Cover } from '../hiding/cover.ts';
import { findInForce } from '../hiding/cover-store.ts';
import { rehide } from '../hiding/rehide.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import type { SuppressionRow } from './suppression.ts';
import { suppressChecks, UnsuppressChecks } from './suppression-input.ts';
import * as store from './suppression-store.ts';

export interface SuppressionPayload {
  readonly suppression: SuppressionRow | null;
  /** Open alarms that it hid or showed. */
  readonly affected: number;
  readonly userErrors: readonly UserError[];
}

export interface SuppressInput {
  readonly alarmId: string;
  readonly entityPattern?: string | null;
  readonly reason: string;
  readonly by?: string | null;
  readonly until?: Date | null;
  readonly idempotencyKey?: string | null;
}

export interface UnsuppressInput {
  readonly by?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface SuppressionService {
  suppress(input: SuppressInput): Promise<SuppressionPayload>;
  /** By local id. */
  unsuppress(id: string, input: UnsuppressInput): Promise<SuppressionPayload>;
  /** Ends what is over; answers how many. */
  expire(): Promise<number>;
}

export interface SuppressionServiceDeps {
  readonly outbox: Outbox;
  readonly history: Pick<AlarmHistory, 'append'>;
  now(): Date;
  newId(): string;
}

export function suppressionService({ outbox, history, now, newId }: SuppressionServiceDeps): SuppressionService {
  return {
    suppress: async input => {
      const wrong = inputErrors(suppressChecks(now()), input);
      if (wrong.length > 0) return refused(...wrong);
      return outbox.transaction(tx =>
        once(tx.sql, 'suppressAlarms', input.idempotencyKey, input, refused, () => begin(tx, input)),
      );
    },
    unsuppress: async (id, input) => {
      const wrong = inputErrors(UnsuppressChecks, input);
      if (wrong.length > 0) return refused(...wrong);
      return outbox.transaction(tx =>
        once(tx.sql, 'unsuppressAlarms', input.idempotencyKey, { id, ...input }, refused, async () => {
          const suppression = await store.findById(tx.sql, id);
          if (suppression === null) return NOT_FOUND;
          const affected = await end(tx, [suppression], { by: input.by ?? null, comment: null });
          return { suppression, affected, userErrors: [] };
        }),
      );
    },
    expire: () =>
      outbox.transaction(async tx => {
        const expired = await store.findExpired(tx.sql, tx.at);
        await end(tx, expired, EXPIRED);
        return expired.length;
      }),
  };

  async function begin(tx: OutboxTransaction, input: SuppressInput): Promise<SuppressionPayload> {
    const wanted = toRow(input, newId(), tx.at);
    const before = await findInForce(tx.sql, [wanted.alarmId], tx.at);
    if (before.some(other => other.hides === 'suppressed' && other.entityPattern === wanted.entityPattern))
      return ALREADY_EXISTS;
    await store.insertSuppression(tx.sql, wanted);
    const inForce = [...before, { hides: 'suppressed', ...wanted } as const];
    const { hidden } = await settle(tx, [wanted.alarmId], inForce, EXPIRED);
    return { suppression: wanted, affected: hidden, userErrors: [] };
  }

  /** Shows what no other suppression hides; answers how many alarms that were. */
  async function end(tx: OutboxTransaction, ended: readonly SuppressionRow[], note: Note): Promise<number> {
    if (ended.length === 0) return 0;
    const alarmIds = [...new Set(ended.map(suppression => suppression.alarmId))];
    await store.deleteSuppressions(
      tx.sql,
      ended.map(suppression => suppression.id),
    );
    return (await settle(tx, alarmIds, await findInForce(tx.sql, alarmIds, tx.at), note)).shown;
  }

  async function settle(tx: OutboxTransaction, alarmIds: readonly string[], inForce: readonly Cover[], ended: Note) {
    const open = await findOpenByAlarmIds(tx.sql, alarmIds);
    return rehide(tx, history, { open, hides: 'suppressed', inForce, ended });
  }
}

const EXPIRED: Note = { by: null, comment: 'The suppression expired.' };

const toRow = (input: SuppressInput, id: string, at: string): SuppressionRow => ({
  id,
  alarmId: input.alarmId,
  entityPattern: input.entityPattern ?? null,
  reason: input.reason,
  by: input.by ?? null,
  at,
  until: input.until?.toISOString() ?? null,
});

const refused = (...userErrors: readonly UserError[]): SuppressionPayload => ({
  suppression: null,
  affected: 0,
  userErrors,
});

const NOT_FOUND = refused({
  code: 'NOT_FOUND',
  message: 'The region has no such suppression: it may have expired or been ended.',
  path: ['input', 'id'],
});

const ALREADY_EXISTS = refused({
  code: 'ALREADY_EXISTS',
  message: 'This alarmId is already suppressed at this place: end that suppression first to change it.',
  path: ['input'],
});
