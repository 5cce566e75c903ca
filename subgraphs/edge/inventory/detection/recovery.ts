// What the region does about a host that failed: waits whether it comes back by itself, has it booted again by its agent,
// then reset by its BMC, and then leaves it to its operators. Pure.
import type { Config } from '../../../../runtime/config.ts';

export type RecoverySettings = Config['inventory']['recovery'];
export type RecoveryCommand = 'RECOVER_BY_REBOOT' | 'RECOVER_BY_RESET';

export interface Attempt {
  readonly command: RecoveryCommand;
  /** ISO 8601. */
  readonly at: string;
}

export interface FailedHost {
  readonly attempts: readonly Attempt[];
  /** Nothing more was to be tried; holds until it is in service or locked. */
  readonly gaveUp: boolean;
  /** Since when it is out of service and nothing is under way with it, in ms since 1970. */
  readonly since: number;
  /** Its BMC can reset it. */
  readonly hasPower: boolean;
}

export type Recovery = RecoveryCommand | 'WAIT' | 'GIVE_UP';

/** `now` in ms since 1970. */
export function recoveryOf(
  { attempts, gaveUp, since, hasPower }: FailedHost,
  now: number,
  set: RecoverySettings,
): Recovery {
  if (gaveUp) return 'GIVE_UP';
  const counted = attempts.filter(({ at }) => now - Date.parse(at) < set.windowMs);
  const of = (command: RecoveryCommand): number => counted.filter(attempt => attempt.command === command).length;
  if (now - since < (counted.length === 0 ? set.afterMs : set.pauseMs)) return 'WAIT';
  if (of('RECOVER_BY_REBOOT') < set.reboots) return 'RECOVER_BY_REBOOT';
  if (hasPower && of('RECOVER_BY_RESET') < set.resets) return 'RECOVER_BY_RESET';
  return 'GIVE_UP';
}

/** After another attempt; those that no longer count are forgotten. */
export const withAttempt = (
  attempts: readonly Attempt[],
  attempt: Attempt,
  { windowMs }: Pick<RecoverySettings, 'windowMs'>,
): Attempt[] => [...attempts.filter(({ at }) => Date.parse(attempt.at) - Date.parse(at) < windowMs), attempt];
