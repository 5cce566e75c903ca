// What a bench runs on: a durable PostgreSQL of its own in a folder that goes with it, and parts as processes.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../launcher/embedded-postgres.ts';
import { environmentOfParts } from '../../launcher/own-process.ts';
import type { ConfigInput } from '../../runtime/config.ts';
import { packageRoot } from '../../schema/sources.ts';
import { freePort } from '../../test/support/free-ports.ts';

export interface BenchServer {
  /** As a superuser, to any database. */
  readonly url: string;
  readonly folder: string;
  /** Runs `murmur <part> <operands>` with these settings; resolves once it is ready. */
  run(part: string, settings: ConfigInput, operands?: readonly string[]): Promise<BenchPart>;
}

export interface BenchPart {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Everything that was begun ends with `work`, also when it fails. */
export async function onBenchServer(work: (server: BenchServer) => Promise<void>): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-bench-'));
  fs.chmodSync(folder, 0o711); // as root the server runs as another user, who must get through
  const postgres = await startEmbeddedPostgres({ folder: path.join(folder, 'postgres'), port: await freePort() });
  const parts: ChildProcess[] = [];
  const run = async (part: string, settings: ConfigInput, operands: readonly string[] = []): Promise<BenchPart> => {
    const file = path.join(folder, `${part}-${parts.length}.json`);
    fs.writeFileSync(file, JSON.stringify({ log: { level: 'warn' }, ...settings }));
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/murmur.ts', part, ...operands, '--config', file], {
      cwd: packageRoot,
      env: environmentOfParts(),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    parts.push(child);
    return { pid: child.pid!, url: await readyUrl(child), stop: () => stop(child) };
  };
  try {
    await work({ url: postgres.url, folder, run });
  } finally {
    await Promise.all(parts.map(stop));
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const readyUrl = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    child.once('message', (message: { kind: string; url?: string; message?: string }) =>
      message.kind === 'ready' ? resolve(message.url!) : reject(new Error(message.message)),
    );
    child.once('exit', code => reject(new Error(`the process ended with ${code} before it was ready`)));
  });

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise(resolve => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

const TICKS_PER_SECOND = 100; // USER_HZ on every Linux

/** CPU ms that a process has used so far; null where there is no /proc. */
export function cpuMsOf(pid: number): number | null {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))]!;
