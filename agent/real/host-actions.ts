// Carries out what the region asks of the very machine, when its owner allows that. Never decides to by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NodalConfiguration } from '../configuration.ts';
import { type HostTaskOrder, type HostTaskPlan, type PartOutcome, refused } from '../host-task.ts';

/** Runs one command to its end. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<void>;

const run = promisify(execFile);
export const runCommand: RunCommand = async (command, args) => {
  await run(command, [...args], { timeout: 30_000 });
};

export interface HostActionDeps {
  /** The setting agent.hostActions. */
  readonly allowed: boolean;
  readonly execute?: RunCommand;
  configure(configuration: NodalConfiguration, signal: AbortSignal): Promise<readonly PartOutcome[]>;
}

export function planHostAction(
  order: HostTaskOrder,
  { allowed, execute = runCommand, configure }: HostActionDeps,
): HostTaskPlan {
  if (order.kind === 'REINSTALL')
    return refused('a running machine cannot install itself anew; that needs its board management controller.');
  if (!allowed)
    return refused('it may not act on its machine. Set agent.hostActions to true on it, or boot the machine by hand.');
  if (order.kind === 'APPLY_CONFIGURATION')
    return { refusal: null, begin: signal => configure(order.configuration, signal) };
  return {
    refusal: null,
    begin: async () => {
      await execute('systemctl', ['reboot']);
      return null;
    },
  };
}
