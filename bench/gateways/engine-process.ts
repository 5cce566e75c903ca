// One gateway in a process of its own: started, waited for, measured from outside, and stopped.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import readline from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../schema/sources.ts';
import { freePort } from '../../test/support/free-ports.ts';
import type { Engine, EngineSettings } from './engines.ts';

export interface EngineProcess {
  readonly engine: Engine;
  readonly url: string;
  /** CPU time of all its threads so far, in ms, to 10 ms. */
  cpuMs(): number;
  rssMb(): number;
  stop(): void;
}

const START_MS = 60_000;
const DEADLINE_MS = '120000'; // a busy bench is no failing region, and 1,000 of them answer for the first time at once
const ENVIRONMENT = { NODE_ENV: 'production', APOLLO_TELEMETRY_DISABLED: 'true' };

export async function startEngine(engine: Engine, settings: EngineSettings): Promise<EngineProcess> {
  const { child, url } = await (engine.script === 'gateway'
    ? startProduct(settings)
    : startScript(engine.script, [JSON.stringify({ ...settings, variant: engine.variant })]));
  const pid = child.pid!;
  return {
    engine,
    url,
    cpuMs: () => cpuMsOf(pid),
    rssMb: () => rssMbOf(pid),
    stop: () => child.kill('SIGKILL'), // nothing of it outlives it
  };
}

/** A script says in one line of its output where it listens. */
export async function startScript(script: string, args: readonly string[]) {
  const child = start([script, ...args], {});
  const lines = readline.createInterface({ input: child.stdout! });
  const timeout = setTimeout(() => child.kill('SIGKILL'), START_MS);
  for await (const line of lines) {
    clearTimeout(timeout);
    child.stdout!.resume();
    return { child, line, url: line.replace(/^listening /, '') };
  }
  throw new Error(`${script} ended before it said where it listens.`);
}

async function startProduct({ services, share }: EngineSettings) {
  const port = await freePort();
  const child = start(['bench/.build/cli/murmur.js', 'gateway'], {
    MURMUR_GATEWAY_PORT: String(port),
    MURMUR_FLEET_URL: new URL(services['fleet']!).origin,
    MURMUR_GATEWAY_REGION_DEADLINE_MS: DEADLINE_MS,
    MURMUR_GATEWAY_FLEET_DEADLINE_MS: DEADLINE_MS,
    MURMUR_GATEWAY_SHARE_QUERIES: String(share),
    MURMUR_LOG_LEVEL: 'error',
  });
  child.stdout!.pipe(process.stderr);
  const origin = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS;
  while (!(await isReady(origin))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('The gateway did not become ready.');
    await pause(100);
  }
  return { child, url: `${origin}/graphql` };
}

const isReady = (origin: string): Promise<boolean> =>
  fetch(`${origin}/health/ready`).then(
    answer => answer.ok,
    () => false,
  );

function start(args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  const env = { ...ENVIRONMENT, ...environment }; // and nothing of the shell's settings
  return spawn(process.execPath, args, { cwd: packageRoot, env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
}

const TICK_MS = 10; // USER_HZ is 100 on every Linux that Node.js runs on

function cpuMsOf(pid: number): number {
  if (process.platform !== 'linux') return secondsOf(ps(pid, 'time')) * 1_000;
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user! + system!) * TICK_MS;
}

function rssMbOf(pid: number): number {
  if (process.platform !== 'linux') return Number(ps(pid, 'rss')) / 1_024;
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1_024;
}

const ps = (pid: number, column: string): string =>
  execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();

/** `1:02:03.45`, as `ps` writes it. */
const secondsOf = (text: string): number => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
