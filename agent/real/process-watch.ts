// Watches processes of this machine by /proc, and starts again those that it was told how to start: at most so often in
// vain, as StarlingX's process monitor does.
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Config } from '../../runtime/config.ts';
import type { ProcessCheck } from '../report.ts';
import { listNames, readText } from './files.ts';

type Watched = Config['agent']['watch']['processes'][number];

export interface ProcessWatch {
  /** How each is now; starts what is to be started. */
  look(): Promise<ProcessCheck[]>;
}

/** What is known of a process beside whether it runs. */
export interface Watching {
  /** Starts since it last ran well. */
  readonly restarts: number;
  /** When it was started last; null when that no longer matters. */
  readonly startedAt: number | null;
}

export const UNTOUCHED: Watching = { restarts: 0, startedAt: null };

/** What to make of a look at a process. Pure; `now` in ms. */
export function judgeProcess(
  { restart, restarts, startMs, settledMs }: Pick<Watched, 'restart' | 'restarts' | 'startMs' | 'settledMs'>,
  was: Watching,
  isRunning: boolean,
  now: number,
): { readonly state: ProcessCheck['state']; readonly watching: Watching; readonly start: boolean } {
  const sinceStart = was.startedAt === null ? Number.POSITIVE_INFINITY : now - was.startedAt;
  if (isRunning) return { state: 'RUNNING', watching: sinceStart >= settledMs ? UNTOUCHED : was, start: false };
  if (restart === undefined) return { state: 'FAILED', watching: was, start: false };
  if (sinceStart < startMs) return { state: 'RESTARTING', watching: was, start: false };
  if (was.restarts >= restarts) return { state: 'FAILED', watching: was, start: false };
  return { state: 'RESTARTING', watching: { restarts: was.restarts + 1, startedAt: now }, start: true };
}

/** `proc` is `/proc`; `begin` runs a program and does not wait for it. */
export function watchProcesses(
  watched: readonly Watched[],
  proc: string,
  now: () => number,
  begin: (command: readonly string[]) => void = run,
): ProcessWatch {
  const known = new Map<string, Watching>();
  return {
    look: async () => {
      const commands = watched.some(({ command }) => command !== undefined) ? await readCommands(proc) : [];
      const checks: ProcessCheck[] = [];
      for (const process of watched) {
        const isRunning = await runs(process, commands, proc);
        const { state, watching, start } = judgeProcess(
          process,
          known.get(process.name) ?? UNTOUCHED,
          isRunning,
          now(),
        );
        known.set(process.name, watching);
        if (start) begin(process.restart!);
        checks.push({ name: process.name, severity: process.severity, state, restarts: watching.restarts });
      }
      return checks;
    },
  };
}

async function runs({ pidfile, command }: Watched, commands: readonly string[], proc: string): Promise<boolean> {
  if (pidfile === undefined) return commands.some(line => line.includes(command!));
  const pid = await readText(pidfile);
  return pid !== null && /^\d+$/.test(pid) && (await isAlive(proc, pid));
}

/** One that has ended and was not waited for is still in the table, as `Z`. */
async function isAlive(proc: string, pid: string): Promise<boolean> {
  const stat = await readText(proc, pid, 'stat');
  return stat !== null && !/\) [ZX] /.test(stat);
}

/** Command lines of all processes but this one, whose settings hold the very texts that are looked for. */
async function readCommands(proc: string): Promise<string[]> {
  const pids = (await listNames(proc)).filter(name => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(pids.map(pid => readText(path.join(proc, pid, 'cmdline'))));
  return lines.flatMap(line => (line ? [line.replaceAll('\0', ' ').trim()] : []));
}

/** It outlives the agent. What becomes of it the next look tells. */
function run([program, ...args]: readonly string[]): void {
  const child = spawn(program!, args, { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined); // no such program: it does not run, which is said
  child.unref();
}
