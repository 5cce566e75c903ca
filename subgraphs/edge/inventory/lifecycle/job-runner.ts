// Drives the open jobs of a region: does what they ask for outside the database, and ends what takes too long. It keeps
// nothing in memory that matters: whoever starts after a crash finds each job where its row says.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { Outbox } from '../../../runtime/outbox.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { HostRow } from '../hosts/host.ts';
import { findByIds } from '../hosts/host-store.ts';
import { findOverdue } from './agent-task-store.ts';
import type { Evacuation } from './evacuation.ts';
import type { HostJobRow } from './host-job.ts';
import { findAllOpenJobs, findJob, pruneJobs, saveJob, saveMessage } from './host-job-store.ts';
import type { HostPower } from './host-power.ts';
import type { Call, Report } from './host-state.ts';
import { WAITS_FOR } from './host-words.ts';
import { performCall } from './job-call.ts';
import type { LifecycleService } from './lifecycle-service.ts';
import { afterConfiguring, type OrderDeps } from './order-sequence.ts';
import { lateMessage, type StepTimes, timeFor, timeInWords } from './step-times.ts';

export interface JobRunnerDeps extends OrderDeps {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly lifecycle: Pick<LifecycleService, 'report'>;
  readonly power: HostPower;
  readonly evacuation: Evacuation;
  readonly log: Logger;
  now(): Date;
}

export interface JobRunner {
  /** Looks at the jobs now; resolves when what this began has been done. */
  turn(): Promise<void>;
  /** Breaks off what is under way outside; it is done again at the next start. */
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;
const HEARING_MS = 10_000; // after a start: what happened meanwhile is heard before anything is given up
const KEPT_MS = 90 * 86_400_000; // ended jobs: as long as the history of alarms

export function runJobs(deps: JobRunnerDeps): JobRunner {
  const stop = new AbortController();
  const givesUpFrom = deps.now().getTime() + HEARING_MS;
  const mayGiveUp = (): boolean => deps.now().getTime() >= givesUpFrom;
  const underWay = new Map<string, Promise<void>>();
  const begin = (job: HostJobRow): Promise<void> => {
    const running =
      underWay.get(job.id) ??
      drive(deps, job, mayGiveUp(), stop.signal)
        .catch(error => {
          if (!stop.signal.aborted)
            deps.log.error({ err: error, job: job.id }, 'job not driven; tried again in a second');
        })
        .finally(() => underWay.delete(job.id));
    underWay.set(job.id, running);
    return running;
  };
  const look = async (): Promise<void> => {
    if (mayGiveUp()) await giveUpOrders(deps);
    const jobs = await findAllOpenJobs(deps.dataSource);
    for (const job of jobs) void begin(job);
  };
  const looks = repeating({ everyMs: EVERY_MS, log: deps.log, failed: 'jobs of hosts not looked at', work: look });
  void looks.turn().then(() => forgetOld(deps));
  return {
    turn: async () => {
      await looks.turn();
      await Promise.all(underWay.values());
    },
    stop: async () => {
      stop.abort();
      await looks.stop();
      await Promise.all(underWay.values());
    },
  };
}

/** One look at one job: its deadline, or what it asks for, one after the other until something is to be waited for. */
async function drive(deps: JobRunnerDeps, job: HostJobRow, mayGiveUp: boolean, signal: AbortSignal): Promise<void> {
  const [host] = await findByIds(deps.dataSource, [job.hostId]);
  if (!host || job.step === null) return;
  const isLate = job.deadlineAt !== null && Date.parse(job.deadlineAt) <= deps.now().getTime();
  if (isLate && mayGiveUp) return timeOut(deps, job, host);
  const [call] = job.calls;
  if (call === undefined) return;
  const performed = await performCall(deps, call, host, signal);
  if (signal.aborted) return;
  if (!performed.done && !(mayGiveUp && isUncarried(deps, call, job, host)))
    return saveMessage(deps.dataSource, job.id, performed.message);
  const report = performed.done ? performed.report : uncarried(deps.times, performed.message);
  const rest = await note(deps, job, report);
  if (rest) await drive(deps, rest, mayGiveUp, signal);
}

/** Nothing has happened to the host yet, and an operator must not wait for a boot that nobody orders. */
function isUncarried({ times, now }: JobRunnerDeps, call: Call, job: HostJobRow, host: HostRow): boolean {
  if (!POWER_ORDERS.has(call) || job.deadlineAt === null || job.step === null) return false;
  const begunAt = Date.parse(job.deadlineAt) - timeFor(times, job.step, job.action, host.personality);
  return now().getTime() - begunAt >= times.powerMs;
}

const POWER_ORDERS: ReadonlySet<Call> = new Set<Call>(['POWER_ON', 'POWER_OFF', 'RESET', 'BOOT_FROM_NETWORK']);

const uncarried = ({ powerMs }: StepTimes, message: string): Report => ({
  type: 'TASK_FAILED',
  reason: `Its BMC did not take the order within ${timeInWords(powerMs)}, and nothing was done: ${message}`,
});

/** Takes the call off the job, and reports what it brought about, in one transaction; a job that ended meanwhile stays so. */
async function note(
  { outbox, lifecycle }: JobRunnerDeps,
  job: HostJobRow,
  report: Report | null,
): Promise<HostJobRow | null> {
  return outbox.transaction(async tx => {
    const now = await findJob(tx.sql, job.id);
    if (!now?.step || now.calls.length !== job.calls.length) return null;
    const rest = { ...now, calls: now.calls.slice(1), message: WAITS_FOR[now.step] };
    await saveJob(tx.sql, rest);
    if (report) await lifecycle.report(tx, [job.hostId], report);
    return report ? null : rest;
  });
}

async function timeOut({ outbox, lifecycle, times }: JobRunnerDeps, job: HostJobRow, host: HostRow): Promise<void> {
  await outbox.transaction(async tx => {
    const now = await findJob(tx.sql, job.id);
    if (!now?.step || now.deadlineAt !== job.deadlineAt) return; // it moved on meanwhile
    const ms = timeFor(times, now.step, now.action, host.personality);
    const waitedFor = now.message === WAITS_FOR[now.step] ? null : now.message;
    await lifecycle.report(tx, [host.id], { type: 'TIMED_OUT', reason: lateMessage(now.step, ms, waitedFor) });
  });
}

/**
 * An agent that takes no orders is of an older release, or not there: the host would wait for a boot that nobody does. A
 * configuration is not waited for for ever: the host boots without.
 */
async function giveUpOrders(deps: JobRunnerDeps): Promise<void> {
  const { dataSource, outbox, lifecycle, times, now } = deps;
  const before = (ms: number): string => new Date(now().getTime() - ms).toISOString();
  const overdue = { orderedBefore: before(times.orderMs), configuredBefore: before(times.configureMs) };
  if ((await findOverdue(dataSource, overdue)).length === 0) return;
  const untaken = `Its agent took no order within ${Math.round(times.orderMs / 1_000)} s: see that it runs, and that it is of this release.`;
  const unfinished = `Its agent did not finish its configuration within ${Math.round(times.configureMs / 1_000)} s.`;
  await outbox.transaction(async tx => {
    const tasks = await findOverdue(tx.sql, overdue);
    const failed = new Set(tasks.filter(({ kind }) => kind !== 'APPLY_CONFIGURATION').map(({ hostId }) => hostId));
    await lifecycle.report(tx, [...failed], { type: 'TASK_FAILED', reason: untaken });
    for (const task of tasks.filter(({ kind }) => kind === 'APPLY_CONFIGURATION'))
      await afterConfiguring(tx, deps, task, [], task.state === 'ORDERED' ? untaken : unfinished);
  });
}

async function forgetOld({ dataSource, log, now }: JobRunnerDeps): Promise<void> {
  const before = new Date(now().getTime() - KEPT_MS).toISOString();
  await pruneJobs(dataSource, before).catch(error => log.warn({ err: error }, 'old jobs not removed'));
}
