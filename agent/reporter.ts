// Keeps one region told about an agent's hosts: loops that do not wait for each other. Never gives up and never ends
// because a report fails; what it cannot say now it says at the next turn.
import { setMaxListeners } from 'node:events';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Door } from './door-client.ts';
import { createFailureLog } from './failure-log.ts';
import { createHostBook } from './host-book.ts';
import type { HostSource } from './host-source.ts';
import { type Loop, type LoopOptions, startLoop } from './loop.ts';
import type { EventQueue } from './queue/event-queue.ts';
import {
  beat,
  queueEvents,
  queueStanding,
  queueStart,
  reportChecks,
  reportHosts,
  reportSoftware,
  reportUsage,
  type StepDeps,
  sendEvents,
} from './region-steps.ts';
import { type TaskDesk, taskDesk } from './task-steps.ts';

/** How often the hardware is looked at for changes: a pulled cable shows within this, for about 0.1 s of CPU time. */
const LOOK_MS = 30_000;

export interface ReporterDeps {
  readonly region: string;
  readonly source: HostSource;
  readonly door: Door;
  readonly queue: EventQueue;
  readonly clock: Clock;
  /** [0, 1) */
  readonly random: () => number;
  readonly log: Logger;
  readonly intervals: Pick<Config['agent'], 'heartbeatMs' | 'usageMs' | 'discoveryMs' | 'checksMs'>;
}

export interface Reporter {
  /** Resolves when the region has accepted the first report of all hosts; stays open when closed before. */
  readonly started: Promise<void>;
  /** Breaks off what is under way. */
  close(): Promise<void>;
}

export function startReporter(deps: ReporterDeps): Reporter {
  const { region, clock, intervals } = deps;
  const log = deps.log.child({ region });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every report that is under way listens, a host each
  const failures = createFailureLog(log);
  const book = createHostBook(intervals.discoveryMs * 0.95); // a timer that fires a millisecond early still counts
  const { heartbeatMs } = intervals;
  const steps: StepDeps = { ...deps, log, failures, book, signal: stop.signal, heartbeatMs };
  const loops: Loop[] = [];
  const start = (name: string, options: Omit<LoopOptions, 'onError'>): Loop => {
    const onError = (error: unknown) => {
      if (stop.signal.aborted) return; // broken off by us
      failures.failed(name, 'BROKEN', error instanceof Error ? error.message : String(error));
    };
    const work = async () => {
      const ok = await options.work();
      if (ok) failures.worked(name);
      return ok;
    };
    const loop = startLoop(clock, stop.signal, { ...options, work, onError });
    loops.push(loop);
    return loop;
  };
  startEvents(steps, deps, start);
  const started = startLoops(steps, deps, start);
  return {
    started,
    async close() {
      stop.abort();
      await Promise.all(loops.map(loop => loop.done));
    },
  };
}

type StartNamed = (name: string, options: Omit<LoopOptions, 'onError'>) => Loop;

function startLoops(steps: StepDeps, deps: ReporterDeps, start: StartNamed): Promise<void> {
  const { heartbeatMs, usageMs, discoveryMs, checksMs } = deps.intervals;
  const retryMs = (failures: number) => backoffMs(failures, deps.random);
  const desk = taskDesk(steps);
  let software: Loop | null = null;
  const sayHosts = async (onComplete: () => void) => {
    const { complete, reported } = await reportHosts(steps);
    if (reported > 0) software?.wake();
    if (complete) onComplete();
    return complete;
  };
  /** What happened is asked for as often as how full things are; telling it is the queue's. */
  const sayUsage = () => {
    queueEvents(deps.queue, deps.region, deps.source.events());
    return reportUsage(steps);
  };
  return new Promise(resolve => {
    let first = true;
    const onComplete = () => {
      if (!first || steps.signal.aborted) return;
      first = false;
      software = start('software', { everyMs: null, retryMs, work: () => reportSoftware(steps) });
      const usage = startAfterFirst(() => start('usage', { everyMs: usageMs, work: sayUsage }));
      const said = { text: '', at: 0 };
      const beats = startAfterFirst(() =>
        start('heartbeats', { everyMs: heartbeatMs, work: () => sayBeat(steps, hosts, desk).finally(usage) }),
      );
      // before the first beat: with that a host that has booted is in service, unless something is wrong with it still
      start('checks', { everyMs: checksMs, work: () => reportChecks(steps, said).finally(beats) });
      resolve();
    };
    const everyMs = Math.min(LOOK_MS, discoveryMs);
    const hosts = start('hosts', { everyMs, retryMs, work: () => sayHosts(onComplete) });
  });
}

/** Events do not wait for the first report: what an earlier run of the agent left goes out as soon as there is a door. */
function startEvents(steps: StepDeps, { queue, random }: ReporterDeps, start: StartNamed): void {
  let isDelivering = true;
  const work = async () => {
    isDelivering = await sendEvents(steps, queue);
    return isDelivering;
  };
  const loop = start('events', { everyMs: null, retryMs: failures => backoffMs(failures, random), work });
  queue.whenReady(() => isDelivering && loop.wake()); // else the pause between two tries would be no pause
  queueStanding(queue, steps.region, steps.source.standingAlarms());
  queueStart(queue, steps.region, steps.source.startEvents());
}

async function sayBeat(steps: StepDeps, hosts: Loop, desk: TaskDesk): Promise<boolean> {
  const { ok, unknown, tasks } = await beat(steps);
  if (unknown > 0) hosts.wake();
  for (const task of tasks) void desk(task);
  return ok;
}

/** Usage starts behind the first heartbeat, whatever came of that: the two services fail on their own. */
function startAfterFirst(begin: () => void): () => void {
  let begun = false;
  return () => {
    if (begun) return;
    begun = true;
    begin();
  };
}
