// Carries out what the region asks of the very machine, when its owner allows that. Never decides to by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type HostTaskKind, type HostTaskPlan, refused } from '../host-task.ts';

/** Runs one command to its end. */
export type RunCommand = (command: string, args: readonly string[]) => Promise<void>;

const run = promisify(execFile);
export const runCommand: RunCommand = async (command, args) => {
  await run(command, [...args], { timeout: 30_000 });
};

const COMMANDS: Readonly<Partial<Record<HostTaskKind, readonly [string, ...string[]]>>> = {
  REBOOT: ['systemctl', 'reboot'],
  SHUTDOWN: ['systemctl', 'poweroff'],
};

/** `allowed` is the setting agent.hostActions. */
export function planHostAction(kind: HostTaskKind, allowed: boolean, execute: RunCommand = runCommand): HostTaskPlan {
  const command = COMMANDS[kind];
  if (command === undefined)
    return refused(`a running machine cannot do ${kind} by itself; that needs its board management controller.`);
  if (!allowed)
    return refused('it may not act on its machine. Set agent.hostActions to true on it, or boot the machine by hand.');
  const [name, ...args] = command;
  return { refusal: null, begin: () => execute(name, args) };
}
