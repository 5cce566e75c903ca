// Does what a region asks of a host: says first whether it will, since a host that goes down says nothing any more.
import type { HostTaskKind, HostTaskPlan } from './host-task.ts';
import { type HostTask, REPORT_TASK } from './operations.ts';
import { type StepDeps, speak } from './region-steps.ts';

const MOST_CHARACTERS = 1_000; // what the door takes of a reason
const KINDS: ReadonlySet<string> = new Set<HostTaskKind>(['REBOOT', 'SHUTDOWN', 'REINSTALL', 'APPLY_CONFIGURATION']);

/** When the region does not hear the answer nothing is done: it asks again with the next beat. */
export async function doTask(deps: StepDeps, { id, host, kind }: HostTask): Promise<void> {
  const say = async (state: 'ACCEPTED' | 'FAILED', message?: string): Promise<boolean> =>
    (await speak(deps, REPORT_TASK, { id, state, message: message?.slice(0, MOST_CHARACTERS) })) !== undefined;
  const plan = planOf(deps, host, kind);
  if (plan.refusal !== null) {
    await say('FAILED', plan.refusal);
    return;
  }
  if (!(await say('ACCEPTED'))) return;
  deps.log.info({ host, kind }, 'carrying out what the region asked');
  await plan.begin().catch(error => say('FAILED', error instanceof Error ? error.message : String(error)));
}

function planOf({ book, source }: StepDeps, host: string, kind: string): HostTaskPlan {
  const identity = book.identityOf(host);
  if (identity === undefined) return { refusal: 'it does not know this host.' };
  if (!KINDS.has(kind)) return { refusal: `it does not know how to ${kind}: it is of an older release.` };
  return source.plan(identity, kind as HostTaskKind);
}
