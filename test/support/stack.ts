// Runs the whole stack as a user does, in processes of its own, on free ports and a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../schema/sources.ts';
import { type Answer, ask } from './client.ts';
import { freePorts } from './free-ports.ts';
import { eventually } from './wait.ts';

/** How the launcher is run: from the sources, from the production build, or by npm. */
const ENTRIES = {
  sources: [process.execPath, '--import', 'tsx', 'cli/murmur.ts', 'up'],
  build: [process.execPath, 'dist/cli/murmur.js', 'up'],
  npm: ['npm', 'start', '--silent', '--'],
} as const;

export type Entry = keyof typeof ENTRIES;

export interface Place {
  readonly data: string;
  readonly gateway: number;
  readonly fleet: number;
  readonly postgres: number;
  readonly regionBase: number;
  readonly url: string;
  /** The flags that say all this to the launcher. */
  readonly flags: readonly string[];
  remove(): void;
}

/** Each has a port of its own. */
const MOST_REGIONS = 16;

export async function newPlace(): Promise<Place> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-e2e-'));
  fs.chmodSync(folder, 0o711); // as root PostgreSQL runs as another user, who must get through
  const data = path.join(folder, 'data');
  const [gateway = 0, fleet = 0, postgres = 0, regionBase = 0] = await freePorts(3 + MOST_REGIONS);
  return {
    data,
    gateway,
    fleet,
    postgres,
    regionBase,
    url: `http://127.0.0.1:${gateway}/graphql`,
    flags: flagsOf({
      data,
      'gateway-port': gateway,
      'fleet-port': fleet,
      'postgres-port': postgres,
      'region-port-base': regionBase,
    }),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

const flagsOf = (flags: Record<string, string | number>): string[] =>
  Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);

export interface Launch {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves with the exit code, or the signal. */
  readonly ended: Promise<number | string>;
  /** Resolves when the output holds the text; fails when the launcher ends before. */
  says(text: string | RegExp, deadlineMs?: number): Promise<void>;
}

export interface LaunchOptions {
  readonly entry?: Entry;
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

export function launch(place: Place, { entry = 'build', flags = [], env = {} }: LaunchOptions = {}): Launch {
  const [command, ...args] = [...ENTRIES[entry], ...place.flags, ...flags];
  const child = spawn(command!, args, {
    cwd: packageRoot,
    env: { ...withoutSettings(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text));
  let end: number | string | undefined;
  const ended = new Promise<number | string>(resolve => {
    child.once('close', (code, signal) => {
      end = code ?? signal ?? 'unknown';
      resolve(end);
    });
  });
  return {
    child,
    output: () => output,
    ended,
    says: async (text, deadlineMs = 90_000) => {
      await eventually(
        `the launcher says ${text}`,
        () => {
          if (typeof text === 'string' ? output.includes(text) : text.test(output)) return true;
          if (end !== undefined) throw new Error(`the launcher ended with ${end}:\n${output}`);
          return false;
        },
        deadlineMs,
      );
    },
  };
}

/** vitest sets none, but a developer's shell may. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MURMUR_')));

export interface Stack extends Launch {
  readonly place: Place;
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** Process ids whose command line holds the text and this stack's data folder. */
  pids(part: string): number[];
  stop(): Promise<number | string>;
}

/** Starts the stack and waits until it says that it is up. */
export async function startStack(place: Place, options: LaunchOptions = {}): Promise<Stack> {
  const launched = launch(place, options);
  await launched.says('Ctrl-C stops everything');
  return {
    ...launched,
    place,
    ask: (query, variables) => ask(place.url, query, variables),
    pids: part =>
      processesOf(place)
        .filter(p => p.command.includes(part))
        .map(p => p.pid),
    stop: () => {
      launched.child.kill('SIGTERM');
      return launched.ended;
    },
  };
}

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Every process that belongs to the data folder, PostgreSQL's included. */
export function processesOf({ data }: Place): RunningProcess[] {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ pid, command }) => pid !== process.pid && command.includes(data));
}

function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ''; // it ended between the listing and the look
  }
}
