// Stores what commands decided, within one outbox transaction: numbers each change at once, writes each table (alarms,
// history, comments) in one statement at the end, however many alarms there are.
import type { UserError } from '../../../../schema/errors.ts';
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { CommentRow } from '../comments/comment.ts';
import { keepComments } from '../comments/comment-store.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import type { TransitionRow } from '../history/transition.ts';
import type { AlarmRow } from './alarm.ts';
import { mask, type Note, type Outcome, type TransitionKind } from './alarm-lifecycle.ts';
import { clearAlarms, findOpenByHosts, insertAlarms, updateAlarms } from './alarm-store.ts';
import { isInhibitor, wronglyMasked } from './masking.ts';

export interface AlarmPayload {
  readonly alarm: AlarmRow | null;
  readonly userErrors: readonly UserError[];
}

/** An alarm as it travels to followers: with what was said at this change, which the alarm itself does not keep. */
export interface PublishedAlarm extends AlarmRow {
  readonly note?: Note;
}

export interface AlarmWriter {
  /** Numbers the change, if there is one; answers what the caller is told. */
  add(outcome: Outcome): AlarmPayload;
  /** Also masks and unmasks the other alarms of a host whose inhibiting alarm came or went. */
  save(): Promise<void>;
}

export function alarmWriter(tx: OutboxTransaction, history: Pick<AlarmHistory, 'append'>): AlarmWriter {
  const raised = new Map<string, AlarmRow>(); // new alarms; of one that changed twice the last state
  const changed = new Map<string, AlarmRow>(); // likewise, of those that are stored
  const cleared = new Map<string, AlarmRow>(); // of those that are stored and changed in nothing else
  const comments: CommentRow[] = [];
  const transitions: TransitionRow[] = [];
  const relocked = new Set<string>(); // hosts whose inhibiting alarm came or went

  const add = (outcome: Outcome): AlarmPayload => {
    if (outcome.kind === 'REFUSED') return refused(outcome.error);
    if (outcome.kind === 'UNCHANGED') return { alarm: outcome.alarm, userErrors: [] };
    const { kind, note } = outcome;
    let alarm!: AlarmRow;
    const sequence = tx.append(kind, outcome.alarm.id, n => {
      alarm = { ...outcome.alarm, sequence: n };
      return published(alarm, note);
    });
    placeOf(kind, alarm.id).set(alarm.id, alarm);
    transitions.push(transitionOf(kind, alarm, note, tx.at));
    if (kind === 'COMMENTED' && note)
      comments.push({ alarm: alarm.id, sequence, at: tx.at, by: note.by, text: note.comment ?? '' });
    if (isInhibitor(alarm) && alarm.hostname !== null) relocked.add(alarm.hostname);
    return { alarm, userErrors: [] };
  };

  const placeOf = (kind: TransitionKind, id: string): Map<string, AlarmRow> => {
    if (kind === 'RAISED' || raised.has(id)) return raised;
    return kind === 'CLEARED' && !changed.has(id) ? cleared : changed;
  };

  const store = (): void => {
    tx.later(updateAlarms(tx.sql, [...changed.values()])); // first: an alarm that is cleared may be raised anew
    tx.later(clearAlarms(tx.sql, [...cleared.values()]));
    tx.later(insertAlarms(tx.sql, [...raised.values()]));
    for (const stored of [changed, cleared, raised]) stored.clear();
  };

  return {
    add,
    save: async () => {
      store();
      if (relocked.size > 0) {
        const open = await findOpenByHosts(tx.sql, [...relocked]);
        for (const { alarm, masked } of wronglyMasked(open)) add(mask(alarm, masked, tx.at));
        store();
      }
      tx.later(keepComments(tx.sql, comments));
      await history.append(tx, transitions);
    },
  };
}

export const refused = (...userErrors: readonly UserError[]): AlarmPayload => ({ alarm: null, userErrors });

const published = (alarm: AlarmRow, note: Note | undefined): PublishedAlarm =>
  note && (note.by !== null || note.comment !== null) ? { ...alarm, note } : alarm;

const transitionOf = (kind: TransitionKind, alarm: AlarmRow, note: Note | undefined, at: string): TransitionRow => ({
  kind,
  at,
  sequence: alarm.sequence,
  alarm: alarm.id,
  alarmId: alarm.alarmId,
  entityInstanceId: alarm.entityInstanceId,
  hostname: alarm.hostname,
  severity: alarm.severity,
  reasonText: alarm.reasonText,
  by: note?.by ?? null,
  comment: note?.comment ?? null,
});
