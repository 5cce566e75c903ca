// Which alarms hide behind another one: while a host is locked (200.001), its other alarms say nothing new. Pure.
import type { AlarmRow } from './alarm.ts';
import type { AlarmKey } from './alarm-store.ts';
import { hostnameOf, parseEntityInstance } from './entity-instance.ts';

export const INHIBITORS: readonly string[] = ['200.001']; // the only one in StarlingX: host locked

export const isInhibitor = ({ alarmId }: Pick<AlarmKey, 'alarmId'>): boolean => INHIBITORS.includes(alarmId);

/** Whether one of these open alarms hides the other. An inhibitor is never hidden itself. */
export function isMasked(open: readonly AlarmRow[], alarm: AlarmKey): boolean {
  if (open.length === 0 || isInhibitor(alarm)) return false;
  const hostname = hostOf(alarm);
  return hostname !== null && open.some(other => isInhibitor(other) && other.hostname === hostname);
}

export const hostOf = ({ entityInstanceId }: AlarmKey): string | null =>
  hostnameOf(parseEntityInstance(entityInstanceId) ?? []);

/** The alarms of some hosts that are not masked as they should be, and what they should be; `open` holds all of these hosts. */
export function wronglyMasked(open: readonly AlarmRow[]): { readonly alarm: AlarmRow; readonly masked: boolean }[] {
  const inhibitors = open.filter(isInhibitor);
  return open
    .map(alarm => ({ alarm, masked: isMasked(inhibitors, alarm) }))
    .filter(({ alarm, masked }) => alarm.masked !== masked);
}
