// What the region's watch sees of a host at a look, and what it makes of that: conditions and reports. Pure.
import type { Condition } from '../conditions/host-condition.ts';
import type { HostRow } from '../hosts/host.ts';
import type { Report } from '../lifecycle/host-state.ts';
import type { Hearing, HeartbeatSettings } from './hearing.ts';
import type { Attempt } from './recovery.ts';

export interface WatchedHost
  extends Pick<
    HostRow,
    | 'id'
    | 'hostname'
    | 'activeController'
    | 'administrative'
    | 'operational'
    | 'availability'
    | 'impaired'
    | 'lastHeartbeatAt'
  > {
  /** What the heartbeat watch says of it. */
  readonly conditions: readonly Condition[];
  /** All that is wrong with it, whoever says so. */
  readonly problems: readonly Omit<Condition, 'instance'>[];
  /** The step of its open job. */
  readonly jobStep: string | null;
  readonly attempts: readonly Attempt[];
  readonly gaveUp: boolean;
}

/** A job is under way that brings it down, or up: silence is no news. A recovery is none such: it follows from silence. */
export const isBusy = ({ jobStep }: Pick<WatchedHost, 'jobStep'>): boolean =>
  jobStep !== null && jobStep !== 'RECOVERING' && jobStep !== 'EVACUATING' && jobStep !== 'SWITCHING';

export const isInService = (host: WatchedHost): boolean =>
  host.administrative === 'UNLOCKED' && host.operational === 'ENABLED' && !isBusy(host);

/** Unlocked, and out of service without anybody's doing: the region brings it back. */
export const isFailed = (host: WatchedHost): boolean =>
  host.administrative === 'UNLOCKED' &&
  host.operational === 'DISABLED' &&
  (host.availability === 'FAILED' || host.availability === 'OFFLINE') &&
  !isBusy(host);

const LOST_ALARM = '200.005';
const FAILED_ALARM = '200.004';
const PROCESS_ALARM = '200.006';

/** What the watch says of a host; null leaves what it said before. */
export function conditionsOf(
  host: WatchedHost,
  hearing: Hearing,
  { failureAction }: Pick<HeartbeatSettings, 'failureAction'>,
): readonly Condition[] | null {
  if (failureAction === 'none' || host.administrative === 'LOCKED' || isBusy(host)) return [];
  if (hearing === 'UNKNOWN') return null;
  return [...lossOf(host, hearing), ...failureOf(host)];
}

function lossOf(host: WatchedHost, hearing: Hearing): Condition[] {
  if (hearing === 'HEARD' || hearing === 'UNKNOWN') return [];
  const name = host.hostname ?? 'The host';
  return hearing === 'LATE' && host.operational === 'ENABLED'
    ? [said(LOST_ALARM, 'MAJOR', `${name} misses heartbeats on the management network.`)]
    : [said(LOST_ALARM, 'CRITICAL', `${name} is no longer heard on the management network.`)];
}

function failureOf(host: WatchedHost): Condition[] {
  if (!isFailed(host)) return [];
  if (host.availability === 'FAILED' && !host.gaveUp) return []; // the lifecycle says it, with its reason
  const name = host.hostname ?? 'The host';
  const tried = host.attempts.length === 1 ? 'one attempt' : `${host.attempts.length} attempts`;
  return host.gaveUp
    ? [
        said(
          FAILED_ALARM,
          'CRITICAL',
          `${name} failed, and ${tried} did not bring it back: lock and unlock it to retry.`,
        ),
      ]
    : [said(FAILED_ALARM, 'CRITICAL', `${name} failed; the region tries to bring it back.`)];
}

const said = (alarmId: string, severity: Condition['severity'], reasonText: string): Condition => ({
  alarmId,
  instance: '',
  severity,
  reasonText,
});

/**
 * What the lifecycle has to hear of a host, if anything. `degraded`: something that degrades is wrong with it. Follows
 * from how things are, not from what has changed: whatever a crash left out is made up for at the next look.
 */
export function reportOf(
  host: WatchedHost,
  hearing: Hearing,
  degraded: boolean,
  { failureAction }: Pick<HeartbeatSettings, 'failureAction'>,
): Report | null {
  const { administrative, availability } = host;
  if (isBusy(host)) return null;
  const fatal = host.problems.find(({ alarmId, severity }) => alarmId === PROCESS_ALARM && severity === 'CRITICAL');
  if (fatal && isInService(host) && failureAction === 'fail') return { type: 'FAILED', reason: fatal.reasonText };
  if (hearing === 'HEARD') {
    if (availability === 'OFFLINE') return { type: 'HEARD' };
    if (host.impaired !== degraded) return { type: 'CONDITIONS', degraded };
    return null;
  }
  const isOut = availability === 'OFFLINE' || availability === 'FAILED' || availability === 'POWER_OFF';
  // a locked host serves nobody: that it is gone is only noted
  if (hearing === 'SILENT' && !isOut && (failureAction === 'fail' || administrative === 'LOCKED'))
    return { type: 'SILENT' };
  const degrades = failureAction === 'fail' || failureAction === 'degrade';
  const isLost = hearing === 'LATE' || hearing === 'SILENT';
  return isLost && degrades && availability === 'AVAILABLE' ? { type: 'LATE' } : null;
}
