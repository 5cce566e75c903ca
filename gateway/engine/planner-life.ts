// One planner process from its start to its end: what is said to it, what it says, and its last words. Starts none again.
import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type * as Hive from '@graphql-hive/router-query-planner';

/** What the process is told (planner-process.mjs): the supergraph first, and operations once it is ready. */
export type ToPlanner =
  | { readonly supergraphSdl: string }
  | {
      /** Comes back with the plan. */
      readonly id: number;
      readonly operation: string;
    };

export type FromPlanner =
  | { readonly kind: 'ready' }
  /** There is no native planner for this machine, or it does not take the supergraph. */
  | { readonly kind: 'unfit'; readonly reason: string }
  | { readonly kind: 'plan'; readonly id: number; readonly node: Hive.PlanNode | null }
  | { readonly kind: 'noPlan'; readonly id: number; readonly reason: string };

/** Of a process that nobody ended. */
export interface Ending {
  /** `SIGABRT`, `exit code 1`. */
  readonly how: string;
  /** What it wrote: a panic begins with its place in the native code. */
  readonly said: string;
}

export interface PlannerLife {
  readonly pid: number | undefined;
  send(message: ToPlanner): void;
  /** Whether this process stays for its sake. */
  hold(isBusy: boolean): void;
  /** Ends it at once; nothing is heard of it from then on. Resolves when it is gone. */
  end(): Promise<void>;
}

export interface Listeners {
  said(message: FromPlanner): void;
  ended(ending: Ending): void;
}

const PROGRAM = fileURLToPath(new URL('./planner-process.mjs', import.meta.url));
const MOST_SAID = 500; // characters

/** Throws when the machine gives no process. */
export function startPlanner({ said, ended }: Listeners): PlannerLife {
  const child = fork(PROGRAM, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child.on('error', () => undefined); // told by what follows
  if (child.pid === undefined) throw new Error('the machine is out of processes, open files or memory');
  const stderr = child.stderr as Socket;
  let words = '';
  let isWanted = true;
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(0, MOST_SAID);
  });
  child.on('message', message => isWanted && said(message as FromPlanner));
  const gone = new Promise<void>(resolve => {
    // later than `exit`: all that it said has been heard
    child.once('close', (code, signal) => {
      resolve();
      if (isWanted) ended({ how: signal ?? `exit code ${code}`, said: words.trim() });
    });
  });
  const hold = (isBusy: boolean): void => {
    for (const handle of [child, child.channel, stderr]) isBusy ? handle?.ref() : handle?.unref();
  };
  return {
    pid: child.pid,
    send: message => void child.send(message, () => undefined), // what fails here ends the process, which is told
    hold,
    end: () => {
      isWanted = false;
      hold(true); // somebody may wait for nothing else
      child.kill('SIGKILL');
      return gone;
    },
  };
}
