// The centre's own alarm about a region that it lost: StarlingX's 280.001. Pure.
import { makeId } from '../../../../schema/identity.ts';
import type { WatchedRegion } from '../regions/region-watch.ts';
import type { CopiedAlarm } from './mirror-columns.ts';
import type { SentAlarm } from './mirror-rows.ts';

/** The alarmId, and the local id. */
export const LOSS_ALARM = '280.001';

/** One region has at most one: its id follows from the region's. */
export const lossAlarmId = (region: string): string => makeId(region, LOSS_ALARM);

export function lossAlarm({ region, contact }: WatchedRegion, at: string): CopiedAlarm {
  const alarm: SentAlarm & Record<string, unknown> = {
    id: LOSS_ALARM,
    alarmId: LOSS_ALARM,
    title: 'Subcloud offline',
    severity: 'CRITICAL',
    entityTypeId: 'subcloud',
    entityInstanceId: `subcloud=${region.id}`,
    hostname: null,
    reasonText: `Region ${region.id} is out of contact since ${contact.lastContactAt}: ${contact.reason}`,
    alarmType: 'communication',
    probableCause: 'loss-of-signal',
    proposedRepairAction:
      'Check power and link of the region. Its own control goes on; it is aligned by itself when it returns.',
    serviceAffecting: true,
    managementAffecting: false,
    degradeAffecting: false,
    acknowledgedAt: null,
    acknowledgedComment: null,
    raisedAt: at,
    updatedAt: at,
    clearedAt: null,
    sequence: '0', // it is no change of the region's own count
  };
  return { id: lossAlarmId(region.id), region: region.id, alarm };
}
