// The planner processes that a process has started, as the system tells them.
import fs from 'node:fs';
import { isAlive, procStat } from '../../launcher/own-process.ts';

/** Alive ones only, the oldest first. Linux only. */
export const plannersOf = (parent: number): number[] =>
  fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => procStat(pid)?.ppid === parent && isAlive(pid) && isPlanner(pid))
    .sort((a, b) => a - b);

function isPlanner(pid: number): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('planner-process');
  } catch {
    return false; // it ended between the listing and the look
  }
}
