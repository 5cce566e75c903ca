// Carries out what the covers in force want of open alarms, within the transaction that changed the covers.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import type { Hiding, Note } from '../alarms/alarm-lifecycle.ts';
import { alarmWriter } from '../alarms/alarm-writer.ts';
import type { AlarmHistory } from '../history/alarm-history.ts';
import { type Cover, rehidden } from './cover.ts';

export interface Rehide {
  readonly open: readonly AlarmRow[];
  readonly hides: Hiding;
  readonly inForce: readonly Cover[];
  /** Said of what is no longer covered. */
  readonly ended: Note;
}

/** Answers how many alarms were hidden and how many shown. */
export async function rehide(
  tx: OutboxTransaction,
  history: Pick<AlarmHistory, 'append'>,
  { open, hides, inForce, ended }: Rehide,
): Promise<{ readonly hidden: number; readonly shown: number }> {
  const outcomes = rehidden(open, hides, inForce, ended, tx.at);
  const writer = alarmWriter(tx, history);
  for (const outcome of outcomes) writer.add(outcome);
  await writer.save();
  const hidden = outcomes.filter(outcome => outcome.kind === 'SUPPRESSED').length;
  return { hidden, shown: outcomes.length - hidden };
}
