// Starts the stub stack as a process and lets a test wait for what it says.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ConfigInput } from '../../../runtime/config.ts';
import { packageRoot } from '../../../schema/sources.ts';
import { freePorts } from '../../support/free-ports.ts';

export interface StackHome {
  readonly data: string;
  readonly settings: {
    readonly data: string;
    readonly gateway: { readonly port: number };
    readonly database: { readonly port: number };
  };
  remove(): void;
}

export async function aStackHome(changes: Pick<ConfigInput, 'agent'> = {}): Promise<StackHome> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'murmur-up-'));
  fs.chmodSync(home, 0o711); // as root PostgreSQL is another user
  const regions = 2;
  const [gateway, fleet, database, regionPortBase] = await freePorts(3 + regions);
  const settings = {
    data: path.join(home, 'data'),
    gateway: { port: gateway! },
    fleet: { port: fleet! },
    database: { port: database! },
    launcher: {
      regions,
      regionPortBase: regionPortBase!,
      restartMs: 200,
      drainMs: 3_000,
    },
    ...changes,
  };
  return { data: settings.data, settings, remove: () => fs.rmSync(home, { recursive: true, force: true }) };
}

export interface LaunchedStack {
  readonly child: ChildProcess;
  readonly said: () => string;
  /** Resolves with the match once it has been said; rejects when the process ends first. */
  until(text: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export function launch(home: StackHome, ...flags: string[]): LaunchedStack {
  const file = path.join(path.dirname(home.data), 'settings.json');
  fs.writeFileSync(file, JSON.stringify(home.settings));
  const script = path.join('test', 'integration', 'launcher', 'stub-murmur.ts');
  const args = ['--import', 'tsx', script, 'up', '--config', file, ...flags];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const waiting = new Set<() => void>();
  const hear = (chunk: string): void => {
    text += chunk;
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', hear);
  const ended = new Promise<number | NodeJS.Signals | null>(resolve =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(text);
        if (!match) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      ended.then(code => reject(new Error(`ended with ${code} before it said ${pattern}:\n${text}`)));
    });
  return { child, said: () => text, until, ended };
}

/** Everything that runs on this data folder: launcher's children and PostgreSQL, by their command lines. */
export function processesOf(home: StackHome): { pid: number; command: string }[] {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      const command = commandLine(pid);
      return command.includes(home.data) ? [{ pid: Number(pid), command }] : [];
    });
}

function commandLine(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // ended meanwhile
  }
}

/** They are not our children, so nothing tells when they end. */
export async function untilNoneIsLeft(home: StackHome): Promise<void> {
  while (processesOf(home).length > 0) await new Promise(resolve => setTimeout(resolve, 50));
}
