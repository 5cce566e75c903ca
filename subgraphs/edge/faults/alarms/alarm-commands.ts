// What the commands on alarms take and answer.
import type { UserError } from '../../../../schema/errors.ts';
import type { Raise } from './alarm-lifecycle.ts';
import type { AlarmKey } from './alarm-store.ts';
import type { AlarmPayload } from './alarm-writer.ts';

export interface Repeatable {
  readonly idempotencyKey?: string | null;
}

/** What a person may add; `NoteInput` has everything optional, as GraphQL does. */
export interface NoteInput extends Repeatable {
  readonly by?: string | null;
  readonly comment?: string | null;
}

export interface RaiseItem extends Omit<Raise, 'reasonText'> {
  readonly reasonText?: string | null;
}

export interface RaiseInput extends Repeatable, RaiseItem {}

export interface ClearInput extends Repeatable, Partial<{ readonly [K in keyof AlarmKey]: string | null }> {
  /** Local id. */
  readonly id?: string | null;
  readonly region?: string | null;
  readonly hierarchical?: boolean | null;
}

export interface ClearPayload extends AlarmPayload {
  readonly cleared: number;
}

export interface Many<Item> extends Repeatable {
  readonly alarms: readonly Item[];
}

export interface ManyPayload {
  readonly results: readonly AlarmPayload[];
  readonly userErrors: readonly UserError[];
}

export const keyText = ({ alarmId, entityInstanceId }: AlarmKey): string => `${alarmId} ${entityInstanceId}`;

export const toRaise = ({ alarmId, entityInstanceId, severity, reasonText }: RaiseItem): Raise => ({
  alarmId,
  entityInstanceId,
  severity,
  reasonText: reasonText ?? null,
});
