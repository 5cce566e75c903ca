// Does one thing that a job asks for outside the database, and says how far that is. Repeatable: a crash in between makes
// it happen again. Writes nothing.
import type { HostRow } from '../hosts/host.ts';
import type { Evacuation, EvacuationProgress } from './evacuation.ts';
import { type HostPower, PowerError } from './host-power.ts';
import type { Call, Report } from './host-state.ts';

/** `message` is for operators; `report` is what followed for the host, if anything. */
export type Performed =
  | { readonly done: true; readonly report: Report | null }
  | { readonly done: false; readonly message: string };

export interface CallDeps {
  readonly power: HostPower;
  readonly evacuation: Evacuation;
}

export async function performCall(deps: CallDeps, call: Call, host: HostRow, signal: AbortSignal): Promise<Performed> {
  try {
    return await PERFORM[call](deps, host, signal);
  } catch (error) {
    if (!(error instanceof PowerError)) throw error;
    if (error.code === 'RETRY') return { done: false, message: error.message };
    return { done: true, report: { type: 'TASK_FAILED', reason: error.message } };
  }
}

type Perform = (deps: CallDeps, host: HostRow, signal: AbortSignal) => Promise<Performed>;

const DONE: Performed = { done: true, report: null };

const PERFORM: Readonly<Record<Call, Perform>> = {
  EVACUATE: async ({ evacuation }, host) => {
    const progress = await evacuation.evacuate(host, { force: false });
    return progress.done ? { done: true, report: { type: 'EVACUATED' } } : { done: false, message: inWords(progress) };
  },
  /** Asked once: what stays behind is restarted elsewhere as of any host that went down. */
  EVACUATE_FORCED: async ({ evacuation }, host) => {
    await evacuation.evacuate(host, { force: true });
    return DONE;
  },
  POWER_ON: async ({ power }, host, signal) => {
    if ((await power.state(host, signal)) !== 'ON') await power.on(host, signal);
    return DONE;
  },
  AWAIT_ON: async ({ power }, host, signal) =>
    (await power.state(host, signal)) === 'ON'
      ? { done: true, report: { type: 'POWERED_ON' } }
      : { done: false, message: 'Its power has been asked to go on.' },
  POWER_OFF: async ({ power }, host, signal) => {
    if ((await power.state(host, signal)) !== 'OFF') await power.off(host, signal);
    return DONE;
  },
  AWAIT_OFF: async ({ power }, host, signal) =>
    (await power.state(host, signal)) === 'OFF'
      ? { done: true, report: { type: 'POWERED_OFF' } }
      : { done: false, message: 'Its power has been asked to go off.' },
  /** A host that is off cannot be reset: switching it on has the same end. */
  RESET: async ({ power }, host, signal) => {
    if ((await power.state(host, signal)) === 'ON') await power.reset(host, signal);
    else await power.on(host, signal);
    return DONE;
  },
  BOOT_FROM_NETWORK: async ({ power }, host, signal) => {
    await power.bootOnce(host, 'PXE', signal);
    return DONE;
  },
};

const MOST_REASONS = 5; // of a full node's 110 pods nobody reads more at once

function inWords({ remaining, blockedBy }: EvacuationProgress): string {
  const left = remaining === 1 ? '1 workload is still there.' : `${remaining} workloads are still there.`;
  const more = blockedBy.length - MOST_REASONS;
  return [left, ...blockedBy.slice(0, MOST_REASONS), ...(more > 0 ? [`${more} more are held.`] : [])].join(' ');
}
