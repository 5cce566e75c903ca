// How long each step of a job may take, and what is said when it took longer. The defaults of the settings are StarlingX's.
import type { Config } from '../../../../runtime/config.ts';
import type { HostRow } from '../hosts/host.ts';
import type { Command, Step } from './host-state.ts';

export type StepTimes = Config['inventory']['lifecycle'];

/** Milliseconds. */
export function timeFor(times: StepTimes, step: Step, action: Command, personality: HostRow['personality']): number {
  const boot = personality === 'CONTROLLER' ? times.controllerBootMs : times.workerBootMs;
  switch (step) {
    case 'EVACUATING':
      return times.evacuationMs;
    case 'POWERING_ON':
      return times.powerMs + boot;
    case 'POWERING_OFF':
      return times.powerMs;
    case 'TESTING':
      return times.testMs;
    case 'RESTARTING':
      return action === 'REINSTALL' ? times.reinstallMs : boot;
    case 'BOOTING':
    case 'RECOVERING':
      return boot;
  }
}

const LATE: Readonly<Record<Step, string>> = {
  EVACUATING:
    'Its workloads did not leave within {time}: it stays in service. See what holds them, or lock with force.',
  RESTARTING: 'It did not boot again within {time}: look at its console.',
  POWERING_ON: 'It was not heard of within {time} of its power being switched on: look at its console.',
  POWERING_OFF: 'Its power was not off within {time}.',
  BOOTING: 'It did not boot within {time} of its unlock: look at its console, then lock and unlock it.',
  TESTING: 'It booted but was not heard of within {time}: see to its agent, then lock and unlock it.',
  RECOVERING: 'It did not boot again within {time}.',
};

/** `waitedFor` is what the job said last. */
export function lateMessage(step: Step, ms: number, waitedFor: string | null): string {
  const said = LATE[step].replace('{time}', timeInWords(ms));
  return waitedFor === null ? said : `${said} At the end: ${waitedFor}`;
}

/** For people. */
export function timeInWords(ms: number): string {
  if (ms < 10_000) return `${ms} ms`;
  return ms < 600_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
