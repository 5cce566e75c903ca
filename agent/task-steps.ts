// Does what a region asks of a host: says first whether it will, since a host that goes down says nothing any more. What
// takes long holds nobody up, and an order that comes again meanwhile is the one that is under way.
import type { HostTaskOrder, HostTaskPlan } from './host-task.ts';
import { type HostTask, REPORT_TASK } from './operations.ts';
import { type StepDeps, speak } from './region-steps.ts';

const MOST_CHARACTERS = 1_000; // what the door takes of a reason

/** Takes an order; settles once it has been dealt with. Never rejects. */
export type TaskDesk = (task: HostTask) => Promise<void>;

export function taskDesk(deps: StepDeps): TaskDesk {
  const underWay = new Map<string, Promise<void>>();
  return task => {
    const running =
      underWay.get(task.id) ??
      doTask(deps, task)
        .catch(error => deps.log.error({ err: error, task }, 'order not carried out'))
        .finally(() => underWay.delete(task.id));
    underWay.set(task.id, running);
    return running;
  };
}

/** When the region does not hear the answer nothing is done, or it is done again: it asks with the next beat. */
async function doTask(deps: StepDeps, task: HostTask): Promise<void> {
  const { id, host, kind } = task;
  const say = async (state: 'ACCEPTED' | 'DONE' | 'FAILED', more: object = {}): Promise<boolean> =>
    (await speak(deps, REPORT_TASK, { id, state, ...more })) !== undefined;
  const fail = (reason: string) => say('FAILED', { message: reason.slice(0, MOST_CHARACTERS) });
  const plan = planOf(deps, task);
  if (plan.refusal !== null) {
    await fail(plan.refusal);
    return;
  }
  if (!(await say('ACCEPTED'))) return;
  deps.log.info({ host, kind }, 'carrying out what the region asked');
  try {
    const outcomes = await plan.begin(deps.signal);
    if (outcomes === null || deps.signal.aborted) return;
    const parts = outcomes.map(({ part, refusal }) => ({ part, refusal: refusal?.slice(0, MOST_CHARACTERS) ?? null }));
    await say('DONE', { parts });
  } catch (error) {
    await fail(error instanceof Error ? error.message : String(error));
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
