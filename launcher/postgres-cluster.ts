// The files of one PostgreSQL server: judges what is there, makes them when nothing is. Never changes files it did not make.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { damaged, LaunchError } from './launch-error.ts';
import { environmentOfPostgres, isAlive } from './own-process.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { ServerUser } from './postgres-user.ts';

/** False when there is nothing yet; throws when there is something that this server cannot use. */
export function clusterExists(place: string, major: string): boolean {
  if (!fs.existsSync(place) || fs.readdirSync(place).length === 0) return false;
  const file = path.join(place, 'PG_VERSION');
  if (!fs.existsSync(file)) throw damaged(place, 'it is not empty and has no PG_VERSION');
  const found = fs.readFileSync(file, 'utf8').trim();
  if (found === major) return true;
  throw new LaunchError(
    `${place} was made by PostgreSQL ${found || '(unknown)'} and this is PostgreSQL ${major}. Nothing was changed. ` +
      'Use the Murmuration version that made it, choose another folder with --data, or begin anew with --fresh',
  );
}

export interface NewCluster {
  readonly place: string;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | null;
  readonly password: string;
  /** False leaves the files to the operating system's leisure: for tests. */
  readonly durable: boolean;
}

/** Built aside and renamed: initdb writes PG_VERSION early, so a half-made folder would look whole. */
export async function createCluster({ place, binaries, user, password, durable }: NewCluster): Promise<void> {
  removeAbandoned(place);
  const workshop = `${place}.init-${process.pid}`;
  const passwordFile = path.join(workshop, 'password');
  fs.mkdirSync(workshop, { mode: 0o700 });
  try {
    fs.writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) for (const file of [workshop, passwordFile]) fs.chownSync(file, user.uid, user.gid);
    await initdb({ binaries, user, durable, passwordFile, into: path.join(workshop, 'cluster') });
    if (fs.existsSync(place)) fs.rmdirSync(place); // empty, or this fails
    fs.renameSync(path.join(workshop, 'cluster'), place);
  } finally {
    fs.rmSync(workshop, { recursive: true, force: true });
  }
}

/** What a killed initdb left. */
function removeAbandoned(place: string): void {
  const prefix = `${path.basename(place)}.init-`;
  for (const name of fs.readdirSync(path.dirname(place)))
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      fs.rmSync(path.join(path.dirname(place), name), { recursive: true, force: true });
}

interface Initdb extends Pick<NewCluster, 'binaries' | 'user' | 'durable'> {
  readonly passwordFile: string;
  readonly into: string;
}

function initdb({ binaries, user, durable, passwordFile, into }: Initdb): Promise<void> {
  // The builtin locale sorts alike on every machine and depends neither on the system's locales nor on ICU.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--username=murmur', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const args = [`--pgdata=${into}`, ...login, ...locale, '--no-instructions', ...(durable ? [] : ['--no-sync'])];
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, args, {
      ...user,
      cwd: os.tmpdir(),
      env: environmentOfPostgres(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    child.once('error', error => reject(new LaunchError(`PostgreSQL's initdb cannot run: ${error.message}`)));
    child.once('close', code =>
      code === 0
        ? resolve()
        : reject(new LaunchError(`PostgreSQL could not make its files in ${into}: ${said.trim()}`)),
    );
  });
}
