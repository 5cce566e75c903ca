// Writes down what the machine made of a host: its state, its job, the order to its agent, its conditions, and who of the
// controllers is active: all in the transaction of its caller, so that a crash leaves all of it or nothing.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { setConditions } from '../conditions/set-conditions.ts';
import { type HostRow, MIRRORED, mirrored } from '../hosts/host.ts';
import { publish } from '../hosts/host-service.ts';
import { findByIds } from '../hosts/host-store.ts';
import { removeTasksOf } from './agent-task-store.ts';
import { activeOf } from './controllers.ts';
import type { HostJobRow } from './host-job.ts';
import { saveJob } from './host-job-store.ts';
import type { Changed } from './host-lifecycle.ts';
import type { Command, Effect, Step } from './host-state.ts';
import { PROGRESS, taskOf, WAITS_FOR } from './host-words.ts';
import { lifecycleConditions } from './lifecycle-conditions.ts';
import { lifecycleEvents } from './lifecycle-events.ts';
import { findControllers, removeHost, saveState, seat } from './lifecycle-store.ts';
import { giveOrders, type OrderDeps } from './order-sequence.ts';
import { timeFor } from './step-times.ts';

export type TransitionDeps = OrderDeps;

/** A host and its open job. */
export interface Standing {
  readonly host: HostRow;
  readonly job: HostJobRow | null;
}

/** `action` is the command that was given; null for a report. Answers the host and the job that was begun, or went on, or ended. */
export async function carryOut(
  tx: OutboxTransaction,
  deps: TransitionDeps,
  { host, job }: Standing,
  { state, effects }: Changed,
  action: Command | null,
): Promise<Standing> {
  const { job: open, ...columns } = state;
  const after: HostRow = { ...host, ...columns, task: taskOf(state) };
  let current = job;
  for (const effect of effects)
    current = await applyEffect(tx, deps, after, current, effect, open?.step ?? null, action);
  const does = (type: Effect['type']): boolean => effects.some(effect => effect.type === type);
  if (does('REMOVE')) return { host, job: current };
  if (current && open && current.endedAt === null && current.step !== open.step)
    current = await save(tx.sql, inStep(current, open.step, after, deps, tx.at));
  await saveState(tx.sql, host.id, after);
  await tell(tx, host, after, action);
  if (after.personality !== 'CONTROLLER') return { host: after, job: current };
  const seated = await seatControllers(tx, does('HAND_OVER') ? host.id : null);
  return { host: seated.find(({ id }) => id === host.id) ?? after, job: current };
}

/** Conditions tell followers of the host by themselves; what happened to it, and what they copy of it, is told here. */
async function tell(tx: OutboxTransaction, before: HostRow, after: HostRow, action: Command | null): Promise<void> {
  const isTold = await setConditions(tx, after.id, 'lifecycle', lifecycleConditions(after));
  const events = lifecycleEvents(before, after, action);
  const hasChanged = [...MIRRORED, 'task' as const].some(field => before[field] !== after[field]);
  if (events.length > 0 || (hasChanged && !isTold)) publish(tx, after, events);
}

/** Answers the job as the effect leaves it. */
async function applyEffect(
  tx: OutboxTransaction,
  deps: TransitionDeps,
  host: HostRow,
  job: HostJobRow | null,
  effect: Effect,
  step: Step | null,
  action: Command | null,
): Promise<HostJobRow | null> {
  switch (effect.type) {
    case 'BEGIN': {
      const begun = { ...beginJob(deps, host, action!, step, tx.at), calls: effect.calls };
      await saveJob(tx.sql, begun);
      return giveOrders(tx, deps, begun, effect.orders);
    }
    case 'END':
      await removeTasksOf(tx.sql, host.id);
      return job && save(tx.sql, ended(job, effect.result, effect.message, tx.at));
    case 'SETTLE_CONFIGURATION':
      await deps.configuration.settle(tx, host.id);
      return job;
    case 'REMOVE':
      publish(tx, host, lifecycleEvents(host, host, action));
      await remove(tx, host);
      return job;
    case 'HAND_OVER':
      return job; // by seatControllers, once the host is stored
  }
}

function beginJob(
  { newId, times }: TransitionDeps,
  host: HostRow,
  action: Command,
  step: Step | null,
  at: string,
): HostJobRow {
  const job: HostJobRow = {
    id: newId(),
    hostId: host.id,
    action,
    state: 'RUNNING',
    step: null,
    calls: [],
    progress: 0,
    message: '',
    requestedAt: at,
    deadlineAt: null,
    endedAt: null,
  };
  return step === null ? job : inStep(job, step, host, { times }, at);
}

function inStep(
  job: HostJobRow,
  step: Step,
  host: HostRow,
  { times }: Pick<TransitionDeps, 'times'>,
  at: string,
): HostJobRow {
  const deadline = Date.parse(at) + timeFor(times, step, job.action, host.personality);
  return {
    ...job,
    step,
    progress: PROGRESS[step],
    message: WAITS_FOR[step],
    deadlineAt: new Date(deadline).toISOString(),
  };
}

const ended = (job: HostJobRow, state: 'SUCCEEDED' | 'FAILED', message: string, at: string): HostJobRow => ({
  ...job,
  state,
  step: null,
  calls: [],
  progress: state === 'SUCCEEDED' ? 100 : job.progress,
  message,
  deadlineAt: null,
  endedAt: at,
});

async function save(sql: Sql, job: HostJobRow): Promise<HostJobRow> {
  await saveJob(sql, job);
  return job;
}

/** The row that goes with it is whole: followers of an older release, which know no removal, take it for a change. */
async function remove(tx: OutboxTransaction, host: HostRow): Promise<void> {
  await removeHost(tx.sql, host.id);
  tx.append('HOST_REMOVED', host.id, () => mirrored(host));
}

/** Lets the right controller be active, and tells of those that changed; `handsOver` gives it up although it is enabled. */
export async function seatControllers(tx: OutboxTransaction, handsOver: string | null = null): Promise<HostRow[]> {
  const controllers = await findControllers(tx.sql);
  const active = activeOf(controllers.filter(({ id }) => id !== handsOver));
  if (active === null) return [];
  const changed = await findByIds(tx.sql, await seat(tx.sql, active));
  for (const host of changed) publish(tx, host);
  return changed;
}
