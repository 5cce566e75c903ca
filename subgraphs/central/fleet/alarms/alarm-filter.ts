// Which events of a feed an `AlarmFilter` lets through. Pure; alarm-store.ts says the same in SQL for lists and counts.
import type { MirrorAlarm } from '../mirror/mirror-rows.ts';
import type { GroupOf } from '../regions/region-groups.ts';

export interface AlarmFilter {
  readonly regions?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly severities?: readonly string[] | null;
  readonly alarmIds?: readonly string[] | null;
  readonly entityInstanceId?: string | null;
  readonly hosts?: readonly string[] | null;
  readonly text?: string | null;
  readonly raisedAfter?: Date | null;
  readonly raisedBefore?: Date | null;
  readonly acknowledged?: boolean | null;
  readonly includeSuppressed?: boolean | null;
  readonly includeMasked?: boolean | null;
  readonly includeHidden?: boolean | null;
  readonly managementAffecting?: boolean | null;
  readonly flapping?: boolean | null;
  /** Of lists and counts; a feed refuses it. */
  readonly rootCausesOnly?: boolean | null;
}

/**
 * Whether a feed event passes. A RAISED or SNAPSHOT must match whole. A later change of an alarm needs to match only in what cannot
 * change: whoever was told of the alarm must also hear that it left the filter.
 */
export function passes(filter: AlarmFilter, kind: string, alarm: MirrorAlarm, groupOf: GroupOf): boolean {
  if (!within(filter.regions, alarm.region) || !within(filter.groups, groupOf(alarm.region))) return false;
  if (!within(filter.alarmIds, alarm.alarmId) || !within(filter.hosts, alarm.hostname)) return false;
  if (filter.entityInstanceId && filter.entityInstanceId !== alarm.entityInstanceId) return false;
  if (filter.raisedAfter && alarm.raisedAt <= filter.raisedAfter.toISOString()) return false;
  if (filter.raisedBefore && alarm.raisedAt >= filter.raisedBefore.toISOString()) return false;
  return (kind !== 'RAISED' && kind !== 'SNAPSHOT') || matchesChangeable(filter, alarm);
}

/** Whether a change of a region as a whole passes. */
export const passesRegion = (filter: AlarmFilter, region: string, groupOf: GroupOf): boolean =>
  within(filter.regions, region) && within(filter.groups, groupOf(region));

function matchesChangeable(filter: AlarmFilter, alarm: MirrorAlarm): boolean {
  if (isHidden(filter, alarm)) return false;
  if (!within(filter.severities, alarm.severity)) return false;
  if (typeof filter.acknowledged === 'boolean' && filter.acknowledged !== (alarm.acknowledgedAt !== null)) return false;
  const { managementAffecting } = filter;
  if (typeof managementAffecting === 'boolean' && managementAffecting !== (alarm.managementAffecting ?? false))
    return false;
  if (typeof filter.flapping === 'boolean' && filter.flapping !== (alarm.flapping ?? false)) return false;
  const text = filter.text?.toLowerCase();
  return (
    !text || [alarm.entityInstanceId, alarm.reasonText, alarm.title].some(part => part?.toLowerCase().includes(text))
  );
}

function isHidden({ includeSuppressed, includeMasked, includeHidden }: AlarmFilter, alarm: MirrorAlarm): boolean {
  if (includeHidden) return false;
  return Boolean((alarm.suppressed && !includeSuppressed) || (alarm.masked && !includeMasked) || alarm.inMaintenance);
}

const within = (wanted: readonly string[] | null | undefined, value: string | null): boolean =>
  wanted === null || wanted === undefined || (value !== null && wanted.includes(value));
