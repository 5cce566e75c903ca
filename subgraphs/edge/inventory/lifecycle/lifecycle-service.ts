// Commands and reports of hosts: asks the machine, and writes down what it says. It alone writes the state of a host.
import { isDeepStrictEqual } from 'node:util';
import type { UserError } from '../../../../schema/errors.ts';
import { once } from '../../../runtime/idempotency.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import type { HostRow } from '../hosts/host.ts';
import { findByIds } from '../hosts/host-store.ts';
import { acceptTask, findTask, removeTask, removeTasksOf } from './agent-task-store.ts';
import type { HostJobRow } from './host-job.ts';
import { findOpenJobs } from './host-job-store.ts';
import { next, reported } from './host-lifecycle.ts';
import type { HostPower } from './host-power.ts';
import type { Command, Report } from './host-state.ts';
import { carryOut, type Standing, type TransitionDeps } from './host-transition.ts';
import { saveBootIds } from './lifecycle-store.ts';
import { stateOf, surroundingsOf } from './surroundings.ts';

export interface HostJobPayload {
  /** As the command left it; null when refused. */
  readonly host: HostRow | null;
  readonly job: HostJobRow | null;
  readonly userErrors: readonly UserError[];
}

export interface TaskAnswer {
  /** Local id. */
  readonly id: string;
  readonly state: 'ACCEPTED' | 'DONE' | 'FAILED';
  readonly message?: string | null;
}

export interface LifecycleService {
  /** Tells of hosts in a transaction of its caller, who holds the region's outbox; answers the hosts that this changed. */
  report(tx: OutboxTransaction, hostIds: readonly string[], event: Report): Promise<HostRow[]>;
  /** Hosts that run since another boot than before; `bootId` is kept. As `report`. */
  booted(tx: OutboxTransaction, boots: readonly { readonly id: string; readonly bootId: string | null }[]): Promise<HostRow[]>;
  /** Gives a command; `hostId` is local. Refusals are userErrors, and change nothing. */
  command(hostId: string, command: Command, idempotencyKey?: string | null): Promise<HostJobPayload>;
  /** An agent says what became of a task. One that is no longer wanted is no news. */
  answerTask(answer: TaskAnswer): Promise<void>;
}

export interface LifecycleDeps extends TransitionDeps {
  readonly outbox: Outbox;
  readonly power: HostPower;
  /** A job has begun, or waits for something else. */
  wake(): void;
}

export function lifecycleService(deps: LifecycleDeps): LifecycleService {
  const { outbox } = deps;

  const report: LifecycleService['report'] = async (tx, hostIds, event) => {
    const changed: HostRow[] = [];
    for (const standing of await standingsOf(tx, hostIds)) {
      const before = stateOf(standing.host, standing.job);
      const after = reported(before, event);
      if (after.effects.length === 0 && isDeepStrictEqual(after.state, before)) continue;
      const { host } = await carryOut(tx, deps, standing, after, null);
      changed.push(host);
    }
    return changed;
  };

  return {
    report,

    booted: async (tx, boots) => {
      await saveBootIds(tx.sql, boots.flatMap(({ id, bootId }) => (bootId === null ? [] : [{ id, bootId }])));
      const ids = boots.map(({ id }) => id);
      const changed = await report(tx, ids, { type: 'BOOTED' });
      for (const id of ids) await removeTasksOf(tx.sql, id); // whatever it was asked before, it cannot be at it any more
      return changed;
    },

    command: async (hostId, command, idempotencyKey) => {
      const refused = (error: UserError): HostJobPayload => ({ host: null, job: null, userErrors: [error] });
      const payload = await outbox.transaction(tx =>
        once(tx.sql, command, idempotencyKey, { hostId }, refused, async () => {
          const [standing] = await standingsOf(tx, [hostId]);
          if (!standing)
            return refused({ code: 'NOT_FOUND', message: 'The region has no host with this id.', path: ['input', 'id'] });
          const around = (await surroundingsOf(tx.sql, [standing.host], deps)).get(hostId)!;
          const outcome = next(stateOf(standing.host, standing.job), { type: command }, around);
          if (outcome.refusal) return refused({ ...outcome.refusal, path: ['input', 'id'] });
          return { ...(await carryOut(tx, deps, standing, outcome, command)), userErrors: [] };
        }),
      );
      deps.wake();
      return payload;
    },

    answerTask: ({ id, state, message }) =>
      outbox.transaction(async tx => {
        const task = await findTask(tx.sql, id);
        if (task === null) return;
        if (state === 'ACCEPTED') return acceptTask(tx.sql, id);
        await removeTask(tx.sql, id);
        if (state === 'DONE') return;
        const reason = `Its agent refused: ${message || 'it gave no reason.'}`;
        await report(tx, [task.hostId], { type: 'TASK_FAILED', reason });
      }),
  };
}

async function standingsOf(tx: OutboxTransaction, hostIds: readonly string[]): Promise<Standing[]> {
  const hosts = await findByIds(tx.sql, hostIds);
  if (hosts.length === 0) return [];
  const jobs = new Map((await findOpenJobs(tx.sql, hosts.map(({ id }) => id))).map(job => [job.hostId, job]));
  return hosts.map(host => ({ host, job: jobs.get(host.id) ?? null }));
}
