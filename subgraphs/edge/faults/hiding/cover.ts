// What hides alarms from lists and counts by rule: a suppression (of one alarmId) or a maintenance window (of all), in
// the whole region or at one place. Pure. Neither ever hides from the history.
import type { AlarmRow } from '../alarms/alarm.ts';
import { type Hiding, hide, type Note, type Outcome } from '../alarms/alarm-lifecycle.ts';
import type { AlarmKey } from '../alarms/alarm-store.ts';
import { liesWithin } from '../alarms/entity-instance.ts';

export interface Cover {
  /** The flag that it sets on what it covers. */
  readonly hides: Hiding;
  /** Null is every one. */
  readonly alarmId: string | null;
  /** An entity, which covers all that lies below it; null is the whole region. */
  readonly entityPattern: string | null;
  readonly reason: string;
  readonly by: string | null;
}

export const covers = ({ alarmId, entityPattern }: Omit<Cover, 'hides'>, alarm: AlarmKey): boolean =>
  (alarmId === null || alarmId === alarm.alarmId) &&
  (entityPattern === null || liesWithin(alarm.entityInstanceId, entityPattern));

const findCover = (inForce: readonly Cover[], hides: Hiding, alarm: AlarmKey): Cover | undefined =>
  inForce.find(cover => cover.hides === hides && covers(cover, alarm));

/** How a new alarm begins. */
export const hiddenBy = (inForce: readonly Cover[], alarm: AlarmKey): Record<Hiding, boolean> => ({
  suppressed: findCover(inForce, 'suppressed', alarm) !== undefined,
  inMaintenance: findCover(inForce, 'inMaintenance', alarm) !== undefined,
});

/**
 * What has to become of open alarms to have one flag as the covers in force want it. What is hidden is noted with the
 * cover's author and reason, what is shown with `ended`.
 */
export const rehidden = (
  open: readonly AlarmRow[],
  hides: Hiding,
  inForce: readonly Cover[],
  ended: Note,
  at: string,
): Outcome[] =>
  open
    .map(alarm => {
      const cover = findCover(inForce, hides, alarm);
      const note = cover ? { by: cover.by, comment: cover.reason } : ended;
      return hide(alarm, hides, cover !== undefined, note, at);
    })
    .filter(outcome => outcome.kind !== 'UNCHANGED');
