// What operators read of a host's state: its task, how far a job is, names. StarlingX's words where it has some. Pure.
import type { Command, LifecycleState, Peer, Step } from './host-state.ts';

const TASK: Readonly<Record<Command, string>> = {
  LOCK: 'Locking',
  FORCE_LOCK: 'Force Locking',
  UNLOCK: 'Unlocking',
  FORCE_UNLOCK: 'Force Unlocking',
  SWACT: 'Swacting',
  FORCE_SWACT: 'Force-Swacting',
  REBOOT: 'Rebooting',
  RESET: 'Resetting',
  POWER_ON: 'Powering-on',
  POWER_OFF: 'Powering-off',
  REINSTALL: 'Reinstalling',
  DELETE: 'Deleting',
  RECOVER_BY_REBOOT: 'Recovering by reboot',
  RECOVER_BY_RESET: 'Recovering by reset',
};

const WITHIN: Readonly<Partial<Record<Step, string>>> = {
  EVACUATING: 'evacuating',
  BOOTING: 'booting',
  TESTING: 'testing',
};

/** StarlingX's `task`: what is being done with the host; null when nothing is. */
export function taskOf({ job, availability }: Pick<LifecycleState, 'job' | 'availability'>): string | null {
  if (job === null) return availability === 'INTEST' ? 'Testing' : null;
  const within = WITHIN[job.step];
  return within ? `${TASK[job.action]}: ${within}` : TASK[job.action];
}

/** Per cent of a job that are done when a step begins. */
export const PROGRESS: Readonly<Record<Step, number>> = {
  EVACUATING: 10,
  RESTARTING: 30,
  POWERING_ON: 20,
  POWERING_OFF: 20,
  BOOTING: 20,
  TESTING: 80,
  RECOVERING: 20,
};

/** What a job waits for while in a step. */
export const WAITS_FOR: Readonly<Record<Step, string>> = {
  EVACUATING: 'Its workloads move to other hosts.',
  RESTARTING: 'It boots again.',
  POWERING_ON: 'Its power is switched on; then it boots.',
  POWERING_OFF: 'Its power is switched off.',
  BOOTING: 'It boots again and takes its configuration.',
  TESTING: 'It has booted and is tested.',
  RECOVERING: 'It boots again.',
};

/** What an unlock waits for before the boot, when something is pending. */
export const CONFIGURES = 'Its agent carries out its configuration; then it boots.';

export const nameOf = ({ hostname }: Pick<Peer, 'hostname'>): string => hostname ?? 'the other controller';
