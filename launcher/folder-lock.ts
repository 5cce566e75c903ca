// One launcher a data folder: a file that names the process that holds it. A lock whose process is gone is taken over.
import fs from 'node:fs';
import path from 'node:path';
import { codeOf, LaunchError } from './launch-error.ts';
import { isAlive, procStat } from './own-process.ts';

export interface LockHolder {
  readonly pid: number;
  /** Start time of the process where the system tells: a pid alone is used again after a reboot. */
  readonly startedAt?: string | undefined;
}

export interface FolderLock {
  /** An earlier holder died without letting go: what it started may still be on its way out. */
  readonly tookOver: boolean;
  release(): void;
}

export interface ProcessTable {
  isAlive(pid: number): boolean;
  startedAt(pid: number): string | undefined;
}

const realProcesses: ProcessTable = { isAlive, startedAt: pid => procStat(pid)?.startedAt };

/** Whether the process that wrote the lock is still the one with that pid. */
export function holdsStill(holder: LockHolder, processes: ProcessTable = realProcesses): boolean {
  if (!processes.isAlive(holder.pid)) return false;
  const startedAt = processes.startedAt(holder.pid);
  return holder.startedAt === undefined || startedAt === undefined || holder.startedAt === startedAt;
}

export const LOCK_FILE = 'launcher.lock';

/** The live holder of a folder, or null. */
export function holderOf(folder: string): LockHolder | null {
  const found = read(path.join(folder, LOCK_FILE));
  return found?.holder && holdsStill(found.holder) ? found.holder : null;
}

export function lockFolder(folder: string): FolderLock {
  const file = path.join(folder, LOCK_FILE);
  const mine = JSON.stringify({ pid: process.pid, startedAt: procStat(process.pid)?.startedAt });
  let tookOver = false;
  for (let attempt = 0; attempt < 5; attempt++) {
    if (create(file, mine)) return { tookOver, release: () => release(file, mine) };
    const found = read(file);
    if (!found) continue; // let go in this very moment
    if (found.holder && holdsStill(found.holder)) throw alreadyRuns(folder, found.holder.pid);
    tookOver = true;
    removeStale(file, found.text);
  }
  throw new LaunchError(`${file} changes all the time: another start is under way on ${folder}; try again in a moment`);
}

const alreadyRuns = (folder: string, pid: number): LaunchError =>
  new LaunchError(
    `Murmuration already runs on ${folder} (pid ${pid}): stop it first, or use --data for a second one (and other ports)`,
  );

/** Appears with its content in one step, so that nobody ever reads half a lock. */
function create(file: string, text: string): boolean {
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text, { mode: 0o600 });
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Two starts may find the same stale lock: what was moved aside must be what was judged, else it goes back. */
function removeStale(file: string, judged: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    fs.renameSync(file, aside);
    if (fs.readFileSync(aside, 'utf8') !== judged) fs.linkSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function read(file: string): { text: string; holder: LockHolder | null } | null {
  try {
    const text = fs.readFileSync(file, 'utf8');
    return { text, holder: parse(text) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null for a damaged lock: nobody can be asked, so it counts as stale (PostgreSQL guards its files a second time). */
function parse(text: string): LockHolder | null {
  try {
    const value = JSON.parse(text) as LockHolder;
    return Number.isInteger(value.pid) && value.pid > 0 ? value : null;
  } catch {
    return null;
  }
}

function release(file: string, mine: string): void {
  if (read(file)?.text === mine) fs.rmSync(file, { force: true });
}
