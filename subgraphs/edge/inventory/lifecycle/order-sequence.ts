// Orders of one job to the agent of its host, one after the other: the next is given once the one before has been answered,
// or is not waited for any longer. What the agent said of it stays in the job's message.
import type { OutboxTransaction } from '../../../runtime/outbox.ts';
import { findByIds } from '../hosts/host-store.ts';
import type { AgentTaskRow } from './agent-task.ts';
import { insertTask, orderNextOf, removeTask } from './agent-task-store.ts';
import type { HostJobRow } from './host-job.ts';
import { findJob, saveJob } from './host-job-store.ts';
import type { AgentTaskKind } from './host-state.ts';
import { CONFIGURES, WAITS_FOR } from './host-words.ts';
import type { ConfigurationFailure, PendingConfiguration } from './pending-configuration.ts';
import { type StepTimes, timeFor } from './step-times.ts';

export interface OrderDeps {
  readonly times: StepTimes;
  readonly configuration: PendingConfiguration;
  newId(): string;
}

/** Answers the job as it waits for them: for a boot from when that was ordered. */
export async function giveOrders(
  tx: OutboxTransaction,
  { newId, times }: OrderDeps,
  job: HostJobRow,
  kinds: readonly AgentTaskKind[],
): Promise<HostJobRow> {
  for (const [i, kind] of kinds.entries()) {
    const state = i === 0 ? 'ORDERED' : 'WAITING';
    await insertTask(tx.sql, { id: newId(), hostId: job.hostId, jobId: job.id, kind, state, orderedAt: tx.at });
  }
  if (kinds[0] !== 'APPLY_CONFIGURATION' || job.deadlineAt === null) return job;
  const deadline = Date.parse(job.deadlineAt) + times.orderMs + times.configureMs;
  const waiting = { ...job, message: CONFIGURES, deadlineAt: new Date(deadline).toISOString() };
  await saveJob(tx.sql, waiting);
  return waiting;
}

/** The host boots with what it has been given, whatever its agent made of it; `said` is why that was nothing. */
export async function afterConfiguring(
  tx: OutboxTransaction,
  { times, configuration }: OrderDeps,
  task: AgentTaskRow,
  failures: readonly ConfigurationFailure[],
  said: string | null,
): Promise<void> {
  await removeTask(tx.sql, task.id);
  const [host] = await findByIds(tx.sql, [task.hostId]);
  const job = await findJob(tx.sql, task.jobId);
  if (!host || !job?.step) return; // it was given up meanwhile
  await configuration.tried(tx, host.id, failures);
  await orderNextOf(tx.sql, job.id, tx.at);
  const deadline = Date.parse(tx.at) + timeFor(times, job.step, job.action, host.personality);
  const told = [WAITS_FOR[job.step], ...(said === null ? failures.map(inWords) : [said])];
  const message = told.join(' ').slice(0, MOST_CHARACTERS);
  await saveJob(tx.sql, { ...job, message, deadlineAt: new Date(deadline).toISOString() });
}

const MOST_CHARACTERS = 4_000;

const inWords = ({ part, message }: ConfigurationFailure): string => `Not done: ${part}: ${message}`;
