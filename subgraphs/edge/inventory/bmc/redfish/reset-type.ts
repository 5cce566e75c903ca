// Which of Redfish's reset types does what is asked, among those that a BMC offers. Pure.
import type { PowerAction, PowerState } from '../board-controller.ts';

/** Best first. The power button toggles: it stands only where the state says which way. */
const WANTED: Readonly<Record<PowerAction, readonly string[]>> = {
  ON: ['On', 'ForceOn', 'PushPowerButton'],
  GRACEFUL_OFF: ['GracefulShutdown', 'PushPowerButton'],
  FORCE_OFF: ['ForceOff'],
  CYCLE: ['PowerCycle', 'FullPowerCycle', 'ForceRestart'],
  RESET: ['ForceRestart', 'PowerCycle', 'FullPowerCycle'],
};

/** What is left of an action in a host that is on or off: null when nothing is to be done. */
export function neededAction(action: PowerAction, state: PowerState): PowerAction | null {
  if (state === 'ON') return action === 'ON' ? null : action;
  return action === 'GRACEFUL_OFF' || action === 'FORCE_OFF' ? null : 'ON'; // nothing to reset: it is off
}

/** Null when it offers none; one that does not say what it offers is asked for the usual one. */
export function resetType(action: PowerAction, offered: readonly string[] | null): string | null {
  const wanted = WANTED[action];
  if (offered === null || offered.length === 0) return wanted[0]!;
  return wanted.find(type => offered.includes(type)) ?? null;
}
