// The life of an alarm: what a command makes of it. Pure and total: every command has an answer in every state.
//
//   state \ command   raise                          clear            acknowledge     unacknowledge      comment
//   absent            RAISED                         NOT_FOUND        NOT_FOUND       NOT_FOUND          NOT_FOUND
//   open              CHANGED if it says anything    CLEARED          ACKNOWLEDGED    UNACKNOWLEDGED, or COMMENTED
//                     new, else unchanged                                             NOT_ACKNOWLEDGED
//   cleared           RAISED (a new alarm)           ALREADY_CLEARED  ALREADY_CLEARED ALREADY_CLEARED    ALREADY_CLEARED
//
// hide is refused as clear is; an open alarm becomes SUPPRESSED or UNSUPPRESSED, or stays unchanged when it is so already.
// By what (a suppression, a maintenance window) the alarm itself says. Which alarms it is asked for is the business of
// hiding/; an alarm can be raised hidden. Masking is CHANGED, by mask: an alarm can be raised masked too. An alarm is raised flapping or not;
// that it no longer flaps is CHANGED, by stopFlapping.
//
// A change keeps the alarm's id. A comment changes nothing but when the alarm was last touched. An alarm that gets worse loses its acknowledgement: someone has to look again (ISA-18.2).
import type { UserError } from '../../../../schema/errors.ts';
import { type CatalogueFacts, isWorse, type Severity } from '../../../catalogue/catalogue.ts';
import type { AlarmRow } from './alarm.ts';
import { entityTypeOf, hostnameOf, parseEntityInstance } from './entity-instance.ts';

export type TransitionKind =
  | 'RAISED'
  | 'CHANGED'
  | 'CLEARED'
  | 'ACKNOWLEDGED'
  | 'UNACKNOWLEDGED'
  | 'COMMENTED'
  | 'SUPPRESSED'
  | 'UNSUPPRESSED';

/** The flags of an alarm that say by what it is hidden. */
export type Hiding = 'suppressed' | 'inMaintenance';

export interface Raise {
  readonly alarmId: string;
  readonly entityInstanceId: string;
  readonly severity: Severity;
  readonly reasonText: string | null;
}

/** What a person adds to a change: who says so, and why. */
export interface Note {
  readonly by: string | null;
  readonly comment: string | null;
}

/** The alarm after the command, still without the number of the change. */
export type Outcome =
  | { readonly kind: TransitionKind; readonly alarm: Omit<AlarmRow, 'sequence'>; readonly note?: Note }
  | { readonly kind: 'UNCHANGED'; readonly alarm: AlarmRow }
  | { readonly kind: 'REFUSED'; readonly error: UserError };

export interface RaiseFacts {
  readonly facts: CatalogueFacts;
  readonly newId: string;
  readonly at: string;
  /** What hides a new alarm from its beginning. */
  readonly hidden: Readonly<Record<Hiding, boolean>>;
  /** Whether a new alarm begins masked. */
  readonly masked: boolean;
  /** Whether a new alarm is one more of too many. */
  readonly flapping: boolean;
}

export function raise(known: AlarmRow | null, command: Raise, raising: RaiseFacts): Outcome {
  if (known === null || known.clearedAt !== null) return { kind: 'RAISED', alarm: newAlarm(command, raising) };
  const { facts, at } = raising;
  const reasonText = command.reasonText ?? known.reasonText;
  if (known.severity === command.severity && known.reasonText === reasonText)
    return { kind: 'UNCHANGED', alarm: known };
  const worse = isWorse(command.severity, known.severity);
  return {
    kind: 'CHANGED',
    alarm: {
      ...known,
      ...facts,
      severity: command.severity,
      reasonText,
      updatedAt: at,
      ...(worse ? UNACKNOWLEDGED : {}),
    },
  };
}

export function clear(known: AlarmRow | null, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  return { kind: 'CLEARED', alarm: { ...known, updatedAt: at, clearedAt: at } };
}

export function acknowledge(known: AlarmRow | null, note: Note, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  const acknowledged = { acknowledgedAt: at, acknowledgedBy: note.by, acknowledgedComment: note.comment };
  return { kind: 'ACKNOWLEDGED', alarm: { ...known, updatedAt: at, ...acknowledged }, note };
}

export function unacknowledge(known: AlarmRow | null, note: Note, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  if (known.acknowledgedAt === null)
    return refuse('NOT_ACKNOWLEDGED', 'The alarm is not acknowledged: there is nothing to take back.');
  return { kind: 'UNACKNOWLEDGED', alarm: { ...known, updatedAt: at, ...UNACKNOWLEDGED }, note };
}

export function comment(known: AlarmRow | null, note: Note, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  return { kind: 'COMMENTED', alarm: { ...known, updatedAt: at }, note };
}

export function hide(known: AlarmRow | null, by: Hiding, hidden: boolean, note: Note, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  if (known[by] === hidden) return { kind: 'UNCHANGED', alarm: known };
  return { kind: hidden ? 'SUPPRESSED' : 'UNSUPPRESSED', alarm: { ...known, updatedAt: at, [by]: hidden }, note };
}

export function mask(known: AlarmRow | null, masked: boolean, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  if (known.masked === masked) return { kind: 'UNCHANGED', alarm: known };
  return { kind: 'CHANGED', alarm: { ...known, updatedAt: at, masked } };
}

export function stopFlapping(known: AlarmRow | null, at: string): Outcome {
  if (known === null) return NOT_FOUND;
  if (known.clearedAt !== null) return alreadyCleared(known);
  if (!known.flapping) return { kind: 'UNCHANGED', alarm: known };
  return { kind: 'CHANGED', alarm: { ...known, updatedAt: at, flapping: false } };
}

const UNACKNOWLEDGED = { acknowledgedAt: null, acknowledgedBy: null, acknowledgedComment: null } as const;

const refuse = (code: UserError['code'], message: string): Outcome => ({
  kind: 'REFUSED',
  error: { code, message, path: ['input'] },
});

const NOT_FOUND = refuse('NOT_FOUND', 'The region has no such alarm.');

const alreadyCleared = (alarm: AlarmRow): Outcome =>
  refuse('ALREADY_CLEARED', `The alarm was already cleared at ${alarm.clearedAt}; nothing was changed.`);

/** Field by field: spread together it would take five times as long, and alarms come by the thousand. */
function newAlarm(
  { alarmId, entityInstanceId, severity, reasonText }: Raise,
  { facts, newId, at, hidden, masked, flapping }: RaiseFacts,
): Omit<AlarmRow, 'sequence'> {
  const pairs = parseEntityInstance(entityInstanceId) ?? [];
  return {
    id: newId,
    alarmId,
    title: facts.title,
    severity,
    entityTypeId: pairs.length > 0 ? entityTypeOf(pairs) : null,
    entityInstanceId,
    hostname: hostnameOf(pairs),
    reasonText,
    alarmType: facts.alarmType,
    probableCause: facts.probableCause,
    proposedRepairAction: facts.proposedRepairAction,
    serviceAffecting: facts.serviceAffecting,
    managementAffecting: facts.managementAffecting,
    degradeAffecting: facts.degradeAffecting,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgedComment: null,
    suppressed: hidden.suppressed,
    masked,
    inMaintenance: hidden.inMaintenance,
    flapping,
    raisedAt: at,
    updatedAt: at,
    clearedAt: null,
  };
}
