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
import { carryOut, type Standing, seatControllers, type TransitionDeps } from './host-transition.ts';
import { saveBootIds } from './lifecycle-store.ts';
import { afterConfiguring } from './order-sequence.ts';
import type { ConfigurationFailure } from './pending-configuration.ts';
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
  /** Of a configuration, part by part; one without `refusal` was carried out. */
  readonly parts?: readonly { readonly part: string; readonly refusal?: string | null }[] | null;
}

export interface HostBoot {
  /** Local id. */
  readonly id: string;
  /** Null when its agent says none. */
  readonly bootId: string | null;
}

export interface LifecycleService {
  /** Tells of hosts in a transaction of its caller, who holds the region's outbox; answers the hosts that this changed. */
  report(tx: OutboxTransaction, hostIds: readonly string[], event: Report): Promise<HostRow[]>;
  /** HEARD, with the boot that the hosts run since, which is the one that is known, or the first that is said. */
  heard(tx: OutboxTransaction, hosts: readonly HostBoot[]): Promise<HostRow[]>;
  /** BOOTED: the hosts run since another boot than before. */
  booted(tx: OutboxTransaction, hosts: readonly HostBoot[]): Promise<HostRow[]>;
  /** A host has got a role, and may be the controller that its region waited for. */
  introduced(tx: OutboxTransaction, hostId: string): Promise<void>;
  /** Gives a command in a transaction of its caller, who holds the region's outbox; begun within a second. Refusals are userErrors, and change nothing. */
  give(tx: OutboxTransaction, hostId: string, command: Command): Promise<HostJobPayload>;
  /** Gives a command; `hostId` is local. */
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

  const give: LifecycleService['give'] = async (tx, hostId, command) => {
    const [standing] = await standingsOf(tx, [hostId]);
    if (!standing)
      return refused({ code: 'NOT_FOUND', message: 'The region has no host with this id.', path: ['input', 'id'] });
    const around = (await surroundingsOf(tx.sql, [standing.host], deps)).get(hostId)!;
    const outcome = next(stateOf(standing.host, standing.job), { type: command }, around);
    if (outcome.refusal) return refused({ ...outcome.refusal, path: ['input', 'id'] });
    return { ...(await carryOut(tx, deps, standing, outcome, command)), userErrors: [] };
  };

  return {
    report,
    give,

    heard: async (tx, hosts) => {
      await keepBoots(tx, hosts);
      return report(tx, idsOf(hosts), { type: 'HEARD' });
    },

    booted: async (tx, hosts) => {
      await keepBoots(tx, hosts);
      const changed = await report(tx, idsOf(hosts), { type: 'BOOTED' });
      for (const { id } of hosts) await removeTasksOf(tx.sql, id); // whatever it was asked before, it is not at it any more
      return changed;
    },

    introduced: async (tx, hostId) => {
      const [host] = await findByIds(tx.sql, [hostId]);
      if (host?.personality === 'CONTROLLER') await seatControllers(tx);
    },

    command: async (hostId, command, idempotencyKey) => {
      const payload = await outbox.transaction(tx =>
        once(tx.sql, command, idempotencyKey, { hostId }, refused, () => give(tx, hostId, command)),
      );
      deps.wake();
      return payload;
    },

    answerTask: ({ id, state, message, parts }) =>
      outbox.transaction(async tx => {
        const task = await findTask(tx.sql, id);
        if (task === null) return;
        if (state === 'ACCEPTED') return acceptTask(tx.sql, id, tx.at);
        const reason = `Its agent refused: ${message || 'it gave no reason.'}`;
        if (task.kind === 'APPLY_CONFIGURATION')
          return afterConfiguring(tx, deps, task, failuresOf(parts ?? []), state === 'FAILED' ? reason : null);
        await removeTask(tx.sql, id);
        if (state === 'DONE') return;
        await report(tx, [task.hostId], { type: 'TASK_FAILED', reason });
      }),
  };
}

const refused = (error: UserError): HostJobPayload => ({ host: null, job: null, userErrors: [error] });

const failuresOf = (parts: NonNullable<TaskAnswer['parts']>): ConfigurationFailure[] =>
  parts.flatMap(({ part, refusal }) => (refusal ? [{ part, message: refusal }] : []));

const idsOf = (hosts: readonly HostBoot[]): string[] => hosts.map(({ id }) => id);

async function keepBoots(tx: OutboxTransaction, hosts: readonly HostBoot[]): Promise<void> {
  const said = hosts.flatMap(({ id, bootId }) => (bootId === null ? [] : [{ id, bootId }]));
  if (said.length > 0) await saveBootIds(tx.sql, said);
}

async function standingsOf(tx: OutboxTransaction, hostIds: readonly string[]): Promise<Standing[]> {
  const hosts = await findByIds(tx.sql, hostIds);
  if (hosts.length === 0) return [];
  const jobs = new Map(
    (
      await findOpenJobs(
        tx.sql,
        hosts.map(({ id }) => id),
      )
    ).map(job => [job.hostId, job]),
  );
  return hosts.map(host => ({ host, job: jobs.get(host.id) ?? null }));
}
