// The folder of everything that outlives a restart: database, settings of the running stack, logs. Touches only a folder
// that carries its own marker; anything else is left as it is.
import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../runtime/config.ts';
import { MARKER_FILE, type Marker, newMarker, readJson, readMarker, writeMarker, writeWhole } from './data-marker.ts';
import { type FolderLock, LOCK_FILE, lockFolder } from './folder-lock.ts';
import { codeOf, damaged, LaunchError } from './launch-error.ts';
import { forgetElsewhere, isElsewhere, placeFor } from './postgres-place.ts';

export interface DataFolder {
  readonly path: string;
  readonly stackFile: string;
  readonly logs: string;
  /** PostgreSQL's folder as the person at the terminal knows it. */
  readonly postgres: string;
  readonly tookOver: boolean;
  /** Where PostgreSQL's files really are. */
  postgresPlace(): string;
  /** To be called once the database exists: from then on a missing one is an error, not a first start. */
  notePostgres(place: string): void;
  writeStack(config: Config): void;
  /** Removes everything, also what was kept elsewhere. Only for --fresh. */
  empty(): void;
  release(): void;
}

export const STACK_FILE = 'stack.json';
/** What agents and regions that run by themselves keep. */
const OF_PARTS: ReadonlySet<string> = new Set(['agent-queue', 'agent-configuration', 'keys']);

export function openDataFolder({ folder, fresh = false }: { folder: string; fresh?: boolean }): DataFolder {
  const at = path.resolve(folder);
  const lock = withAccess(at, () => {
    makeOurs(at);
    return lockFolder(at);
  });
  try {
    if (!fresh) checkReadable(at);
    fs.mkdirSync(path.join(at, 'logs'), { recursive: true, mode: 0o700 });
    return dataFolder(at, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function dataFolder(at: string, lock: FolderLock): DataFolder {
  const postgres = path.join(at, 'postgres');
  const stackFile = path.join(at, STACK_FILE);
  const logs = path.join(at, 'logs');
  return {
    path: at,
    stackFile,
    logs,
    postgres,
    tookOver: lock.tookOver,
    postgresPlace() {
      const noted = readMarker(at).postgres;
      return noted === undefined ? placeFor(postgres) : path.resolve(at, noted);
    },
    notePostgres(place) {
      const inside = place.startsWith(at + path.sep);
      writeMarker(at, { ...readMarker(at), folder: at, postgres: inside ? path.relative(at, place) : place });
    },
    writeStack: config => writeWhole(stackFile, `${JSON.stringify(config, null, 2)}\n`),
    empty() {
      forgetElsewhere(postgres);
      for (const name of fs.readdirSync(at))
        if (name !== LOCK_FILE && name !== MARKER_FILE)
          fs.rmSync(path.join(at, name), { recursive: true, force: true });
      writeMarker(at, newMarker(at));
      fs.mkdirSync(logs, { mode: 0o700 });
    },
    release: () => lock.release(),
  };
}

/** Makes the folder, or makes sure that it is one of ours. */
function makeOurs(at: string): void {
  if (!fs.existsSync(at)) {
    fs.mkdirSync(at, { recursive: true });
    fs.chmodSync(at, process.getuid?.() === 0 ? 0o711 : 0o700); // as root PostgreSQL is another user and has to pass
  }
  if (!fs.statSync(at).isDirectory()) throw new LaunchError(`${at} is a file, no folder: choose a folder with --data`);
  const names = fs.readdirSync(at);
  if (names.includes(MARKER_FILE)) return;
  const strange = names.filter(name => !OF_PARTS.has(name)); // one of them may have run here before the whole stack did
  if (strange.length > 0) throw strangeFolder(at, strange);
  writeMarker(at, newMarker(at));
}

function strangeFolder(at: string, names: readonly string[]): LaunchError {
  const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
  return new LaunchError(
    `${at} is no data folder of Murmuration: it holds ${some} and no ${MARKER_FILE}. Nothing was changed. ` +
      'Choose an empty or a new folder with --data',
  );
}

function checkReadable(at: string): void {
  const marker = readMarker(at);
  const stack = path.join(at, STACK_FILE);
  if (fs.existsSync(stack)) readJson(at, stack);
  if (marker.postgres === undefined) return;
  const place = path.resolve(at, marker.postgres);
  if (isElsewhere(path.join(at, 'postgres'), place)) checkNoCopy(at, marker);
  if (!fs.existsSync(place)) throw damaged(at, `its database, ${place}, is missing`);
}

/** A copy of a folder whose database is kept elsewhere would share that database with the original. */
function checkNoCopy(at: string, marker: Marker): void {
  if (marker.folder === at || !fs.existsSync(path.join(marker.folder, MARKER_FILE))) return;
  throw new LaunchError(
    `${at} is a copy of ${marker.folder}; the database of that one is in ${marker.postgres} and cannot be shared. ` +
      'Nothing was changed. Choose a new folder with --data',
  );
}

function withAccess<T>(at: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    throw new LaunchError(
      `This user may not write to ${at} (${code}): choose another folder with --data, or run as the user who owns it`,
    );
  }
}
