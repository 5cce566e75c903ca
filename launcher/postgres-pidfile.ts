// Reads who runs on a PostgreSQL folder, and ends a server that outlived its launcher. Decides nothing about a live launcher:
// the folder's lock does that.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './launch-error.ts';
import { isAlive } from './own-process.ts';

/** The pid of the server that runs on this folder, or null. */
export function runningServer(place: string): number | null {
  const file = path.join(place, 'postmaster.pid');
  if (!fs.existsSync(file)) return null;
  const pid = Number(fs.readFileSync(file, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 && isAlive(pid) && isPostgres(pid, place) ? pid : null;
}

/** A pid file that a crash left may name any process by now: it counts only if the command line names this folder. */
function isPostgres(pid: number, place: string): boolean {
  const file = `/proc/${pid}/cmdline`;
  if (!fs.existsSync(file)) return process.platform !== 'linux'; // elsewhere the pid file is all there is
  return fs.readFileSync(file, 'utf8').split('\0').includes(place);
}

/**
 * PostgreSQL judges the pid file only by whether such a process lives, so a reused pid would keep it from starting.
 * Call this only while holding the folder's lock or knowing that no server runs.
 */
export function forgetReusedPid(place: string): void {
  const file = path.join(place, 'postmaster.pid');
  if (process.platform === 'linux' && fs.existsSync(file) && runningServer(place) === null)
    fs.rmSync(file, { force: true });
}

const STOP_WITHIN_MS = 30_000; // a server with many databases writes them all out first (0.7-5.8 s measured with 30)

/** Ends a server whose launcher is gone, as Ctrl-C would; waits until it has written everything. */
export async function stopOrphan(place: string): Promise<boolean> {
  const pid = runningServer(place);
  if (pid === null) return false;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_WITHIN_MS;
  while (runningServer(place) === pid) {
    if (Date.now() > deadline)
      throw new LaunchError(
        `PostgreSQL of an earlier run (pid ${pid}) on ${place} does not stop: end it, then try again`,
      );
    await sleep(50); // not our child: there is no event to wait for
  }
  return true;
}
