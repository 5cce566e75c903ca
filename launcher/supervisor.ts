// Keeps the parts running: waits until each is ready, starts again what dies, stops all in order.
//
// A part is starting -> up -> (dies) waiting -> starting ..., or dead when nobody is to start it again. A part that does not
// get ready the first time is an error of the caller's; later on it is only one more death.
import type { ChildProcess } from 'node:child_process';
import type { PartMessage } from '../runtime/part.ts';
import { LaunchError, messageOf } from './launch-error.ts';
import type { PartProcesses } from './part-process.ts';
import type { PartKind, PartPlan } from './stack-plan.ts';

export interface RunningPart {
  readonly plan: PartPlan;
  readonly pid: number | undefined;
  /** Where it answers, as it said when it was ready. */
  readonly url: string | undefined;
  readonly state: PartState;
}

type PartState = 'starting' | 'up' | 'waiting' | 'dead';

export interface SupervisorDeps {
  readonly processes: PartProcesses;
  readonly restartMs: number;
  readonly drainMs: number;
  readonly readyWithinMs: number;
  /** False leaves dead what died. */
  readonly supervise: boolean;
  readonly say: (line: string) => void;
}

export interface Supervisor {
  /** Resolves when the part is ready. */
  start(plan: PartPlan): Promise<void>;
  parts(): RunningPart[];
  /** One kind after the other; from the first call on nothing is started any more. */
  stop(order: readonly PartKind[]): Promise<void>;
  killAll(): void;
}

interface Watched {
  readonly plan: PartPlan;
  child: ChildProcess | undefined;
  url?: string | undefined;
  state: PartState;
  retry?: NodeJS.Timeout;
}

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const { processes, restartMs, say } = deps;
  const watched: Watched[] = [];
  let stopping = false;

  async function launch(part: Watched): Promise<void> {
    if (stopping) throw new LaunchError(`${part.plan.name} was not started: everything is being stopped`);
    part.state = 'starting';
    const child = processes.spawn(part.plan);
    part.child = child;
    child.once('exit', (code, signal) => {
      const wasUp = part.state === 'up';
      if (part.state === 'starting') part.state = 'dead';
      if (wasUp && !stopping) mourn(part, `${part.plan.name} ended (${how(code, signal)})`);
    });
    part.url = await untilReady(child, part.plan);
    part.state = 'up';
  }

  function mourn(part: Watched, what: string): void {
    const { name } = part.plan;
    if (!deps.supervise) {
      part.state = 'dead';
      say(`${what} and stays dead (--no-supervise). To start it by hand:\n  ${processes.byHand(part.plan)}`);
      return;
    }
    part.state = 'waiting';
    say(`${what}: again in ${seconds(restartMs)} (log: ${processes.logFile(part.plan)})`);
    part.retry = setTimeout(() => {
      launch(part).then(
        () => say(`${name} is up again (pid ${part.child?.pid})`),
        error => stopping || mourn(part, firstLine(error)),
      );
    }, restartMs);
  }

  function untilReady(child: ChildProcess, plan: PartPlan): Promise<string | undefined> {
    let why: string | undefined;
    return new Promise((resolve, reject) => {
      const fail = (text: string): void => {
        clearTimeout(timer);
        reject(new LaunchError(`${plan.name} did not start: ${text}\nIts log: ${processes.logFile(plan)}`));
      };
      const timer = setTimeout(() => {
        fail(`it was not ready within ${seconds(deps.readyWithinMs)}`);
        killGroup(child);
      }, deps.readyWithinMs);
      child.on('message', (message: PartMessage) => {
        if (message.kind === 'failed') why = message.message;
        if (message.kind !== 'ready') return;
        clearTimeout(timer);
        resolve(message.url);
      });
      child.once('error', error => fail(error.message));
      child.once('exit', (code, signal) => fail(why ?? `it ended (${how(code, signal)})`));
    });
  }

  async function stopOne(part: Watched): Promise<void> {
    clearTimeout(part.retry);
    const { child } = part;
    if (!child || hasEnded(child)) return;
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()));
    const insist = setTimeout(() => killGroup(child), deps.drainMs);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(insist);
  }

  return {
    async start(plan) {
      const part: Watched = { plan, child: undefined, state: 'starting' };
      watched.push(part);
      await launch(part);
    },
    parts: () => watched.map(({ plan, child, url, state }) => ({ plan, pid: child?.pid, url, state })),
    async stop(order) {
      stopping = true;
      for (const kind of order) await Promise.all(watched.filter(part => part.plan.kind === kind).map(stopOne));
    },
    killAll() {
      stopping = true;
      for (const { child, retry } of watched) {
        clearTimeout(retry);
        if (child && !hasEnded(child)) killGroup(child);
      }
    },
  };
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

const how = (code: number | null, signal: NodeJS.Signals | null): string => signal ?? `exit code ${code}`;

/** The log file is named by whoever tells it. */
const firstLine = (error: unknown): string => messageOf(error).split('\n')[0] ?? '';

export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;

/** The part and whatever it started itself. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // no such group (Windows), or gone already
  }
}
