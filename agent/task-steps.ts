// Does what a region asks of a host: says first whether it will, since a host that goes down says nothing any more. What
// takes long holds nobody up, and an order that comes again meanwhile is the one that is under way.
import type { HostTaskOrder, HostTaskPlan } from './host-task.ts';
import { type HostTask, REPORT_TASK } from './operations.ts';
import { type StepDeps, speak } from './region-steps.ts';

const MOST_CHARACTERS = 1_000; // what the door takes of a reason
const MOST_TAKEN = 1_000; // a host has one order at a time; the oldest are over

/** Takes an order; settles once it has been dealt with. Never rejects. */
export type TaskDesk = (task: HostTask) => Promise<void>;

export function taskDesk(deps: StepDeps): TaskDesk {
  /** Settled ones stay: the answer to a beat may have been on its way while the region heard that the order was done. */
  const taken = new Map<string, Promise<void>>();
  return task => {
    const known = taken.get(task.id);
    if (known) return known;
    const running = doTask(deps, task).then(
      isSettled => void (isSettled || taken.delete(task.id)),
      error => {
        taken.delete(task.id);
        deps.log.error({ err: error, task }, 'order not carried out');
      },
    );
    taken.set(task.id, running);
    if (taken.size > MOST_TAKEN) taken.delete(taken.keys().next().value!);
    return running;
  };
}

/** Answers whether the region knows the end of it. Else nothing was done, or it is done again: the region asks with the next beat. */
async function doTask(deps: StepDeps, task: HostTask): Promise<boolean> {
  const { id, host, kind } = task;
  const say = async (state: 'ACCEPTED' | 'DONE' | 'FAILED', more: object = {}): Promise<boolean> =>
    (await speak(deps, REPORT_TASK, { id, state, ...more })) !== undefined;
  const fail = (reason: string) => say('FAILED', { message: reason.slice(0, MOST_CHARACTERS) });
  const plan = planOf(deps, task);
  if (plan.refusal !== null) return fail(plan.refusal);
  if (!(await say('ACCEPTED'))) return false;
  deps.log.info({ host, kind }, 'carrying out what the region asked');
  try {
    const outcomes = await plan.begin(deps.signal);
    if (outcomes === null) return true;
    if (deps.signal.aborted) return false; // broken off by the end of the agent, which is no outcome
    const parts = outcomes.map(({ part, refusal }) => ({ part, refusal: refusal?.slice(0, MOST_CHARACTERS) ?? null }));
    return await say('DONE', { parts });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function planOf({ book, source }: StepDeps, { host, kind, configuration }: HostTask): HostTaskPlan {
  const identity = book.identityOf(host);
  if (identity === undefined) return { refusal: 'it does not know this host.' };
  const order = orderOf(kind, configuration);
  return typeof order === 'string' ? { refusal: order } : source.plan(identity, order);
}

/** Why not, in words, when it is no order that this release knows. */
function orderOf(kind: string, configuration: HostTask['configuration']): HostTaskOrder | string {
  switch (kind) {
    case 'REBOOT':
    case 'REINSTALL':
      return { kind };
    case 'APPLY_CONFIGURATION':
      return configuration ? { kind, configuration } : 'it was told no configuration that it can read.';
    default:
      return `it does not know how to ${kind}: it is of an older release.`;
  }
}
