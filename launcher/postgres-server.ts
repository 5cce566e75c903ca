// Runs one PostgreSQL server process: starts it, waits until it serves, stops it. Knows nothing of how its files came to be.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { LaunchError } from './launch-error.ts';
import { environmentOfPostgres } from './own-process.ts';
import type { ServerUser } from './postgres-user.ts';

export interface ServerOptions {
  readonly program: string;
  readonly place: string;
  readonly port: number;
  readonly user: ServerUser | null;
  readonly durable: boolean;
  readonly maxConnections: number;
  readonly logFile?: string | undefined;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Server {
  readonly pid: number;
  readonly version: string;
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<ServerExit>;
  stop(): Promise<void>;
  /** Without a word: PostgreSQL recovers at the next start. */
  kill(): void;
}

const READY = 'database system is ready to accept connections';
const FAST_STOP_MS = 20_000; // then without the last checkpoint; the next start recovers

export async function startServer(options: ServerOptions): Promise<Server> {
  const child = launch(options);
  const exited = new Promise<ServerExit>(resolve => child.once('exit', (code, signal) => resolve({ code, signal })));
  const endWithUs = (): void => void child.kill('SIGINT');
  process.once('exit', endWithUs);
  exited.then(() => process.off('exit', endWithUs));
  const said = await untilReady(child, options);
  const version = /starting PostgreSQL (\S+)/.exec(said)?.[1] ?? 'of unknown version';
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid ?? 0,
    version,
    exited,
    stop: () => (stopping ??= stop(child, exited, options.durable)),
    kill: () => void child.kill('SIGQUIT'),
  };
}

async function stop(child: ChildProcess, exited: Promise<ServerExit>, durable: boolean): Promise<void> {
  child.kill(durable ? 'SIGINT' : 'SIGQUIT');
  const insist = setTimeout(() => child.kill('SIGQUIT'), FAST_STOP_MS);
  await exited;
  clearTimeout(insist);
}

function launch({ program, place, port, user, durable, maxConnections, logFile }: ServerOptions): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: maxConnections,
    shared_buffers: '64MB',
    cluster_name: 'murmuration',
    lc_messages: 'C', // untilReady reads what it says
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const args = ['-D', place, '-p', String(port), ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  const { command, prefix, as } = guarded(user);
  const child = spawn(command ?? program, command ? [...prefix, program, ...args] : args, {
    ...as,
    cwd: os.tmpdir(),
    env: environmentOfPostgres(),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // Ctrl-C at the terminal must not reach it before the parts that use it are gone
  });
  if (logFile !== undefined) copyTo(logFile, child);
  return child;
}

function copyTo(logFile: string, child: ChildProcess): void {
  const file = fs.createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  file.on('error', () => {}); // a full disk costs the log, not the server
  child.stderr?.pipe(file);
}

const SETPRIV = '/usr/bin/setpriv';

/** On Linux the kernel stops the server when we die, even by kill -9. */
function guarded(user: ServerUser | null): { command?: string; prefix: string[]; as: Partial<ServerUser> } {
  if (process.platform !== 'linux' || !fs.existsSync(SETPRIV)) return { prefix: [], as: user ?? {} };
  const lend = user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : [];
  return { command: SETPRIV, prefix: [...lend, '--pdeathsig', 'INT'], as: {} };
}

/** Gives back all it said until it was ready. */
async function untilReady(child: ChildProcess, { place, port }: ServerOptions): Promise<string> {
  let said = '';
  const ready = new Promise<string>(resolve => {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 100_000) said += text; // start-up only; after that it goes to the log file
      if (said.includes(READY)) resolve(said);
    });
  });
  const failed = once(child, 'close').then(() => {
    throw refusal(said, place, port);
  });
  const impossible = once(child, 'error').then(([error]) => {
    throw new LaunchError(`PostgreSQL cannot run: ${(error as Error).message}`);
  });
  for (const late of [failed, impossible]) late.catch(() => {}); // only the first of the three counts
  return Promise.race([ready, failed, impossible]);
}

/** PostgreSQL's own words for why it does not start, turned into what to do. */
export function refusal(said: string, place: string, port: number): LaunchError {
  const reasons = said.split('\n').flatMap(line => /\b(?:FATAL|PANIC|HINT):\s+(.*)/.exec(line)?.[1] ?? []);
  if (/could not bind .*Address already in use|could not create any TCP\/IP sockets/s.test(said))
    return new LaunchError(
      `Port ${port} (PostgreSQL) is taken by another program: stop it, or choose another with --postgres-port or MURMUR_DATABASE_PORT`,
    );
  if (said.includes('lock file "postmaster.pid" already exists'))
    return new LaunchError(
      `PostgreSQL already runs on ${place}: stop that one first, or use another folder with --data`,
    );
  const why = reasons.length > 0 ? reasons.join(' ') : said.trim() || 'it ended without a word';
  return new LaunchError(
    `PostgreSQL does not start on ${place}: ${why}\nNothing was removed there. Put the folder back from a backup, choose ` +
      'another with --data, or begin anew with --fresh (npm start -- --fresh), which removes all it holds',
  );
}
