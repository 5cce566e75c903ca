// All SQL on the tasks of agents. Knows no rules.
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { AgentTaskRow } from './agent-task.ts';

const COLUMNS = `id, host_id as "hostId", job_id as "jobId", kind, state, ordered_at as "orderedAt"`;

export async function insertTask(sql: Sql, task: AgentTaskRow): Promise<void> {
  await rows(
    sql,
    `/* agentTasks.insert */ insert into agent_task (id, host_id, job_id, kind, state, ordered_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [task.id, task.hostId, task.jobId, task.kind, task.state, task.orderedAt],
  );
}

/** What the agents of these hosts have not yet answered, or took before an instant. */
export const findOrdered = (sql: Sql, hostIds: readonly string[], takenBefore: string): Promise<AgentTaskRow[]> =>
  rows(
    sql,
    `/* agentTasks.ordered */ select ${COLUMNS} from agent_task
     where host_id = any($1::uuid[])
       and (state = 'ORDERED' or (state = 'ACCEPTED' and (kind = 'APPLY_CONFIGURATION' or ordered_at < $2)))
     order by ordered_at, id`,
    [hostIds, takenBefore],
  );

export interface Overdue {
  /** Of orders that nobody took. */
  readonly orderedBefore: string;
  /** Of configurations that an agent took. */
  readonly configuredBefore: string;
}

/** What was ordered before an instant and nobody took, or nobody finished. */
export const findOverdue = (sql: Sql, { orderedBefore, configuredBefore }: Overdue): Promise<AgentTaskRow[]> =>
  rows(
    sql,
    `/* agentTasks.overdue */ select ${COLUMNS} from agent_task where (state = 'ORDERED' and ordered_at < $1)
       or (state = 'ACCEPTED' and kind = 'APPLY_CONFIGURATION' and ordered_at < $2)`,
    [orderedBefore, configuredBefore],
  );

/** The next task of a job that waits is given now. */
export async function orderNextOf(sql: Sql, jobId: string, at: string): Promise<void> {
  await rows(
    sql,
    `/* agentTasks.next */ update agent_task set state = 'ORDERED', ordered_at = $2
     where id = (select id from agent_task where job_id = $1 and state = 'WAITING' order by ordered_at, id limit 1)`,
    [jobId, at],
  );
}

export const findTask = (sql: Sql, id: string): Promise<AgentTaskRow | null> =>
  one(sql, `/* agentTasks.byId */ select ${COLUMNS} from agent_task where id = $1`, [id]);

/** How long configuring takes is counted from its order: it is taken again and again until it is done. */
export async function acceptTask(sql: Sql, id: string, at: string): Promise<void> {
  await rows(
    sql,
    `/* agentTasks.accept */ update agent_task
     set state = 'ACCEPTED', ordered_at = case kind when 'APPLY_CONFIGURATION' then ordered_at else $2 end where id = $1`,
    [id, at],
  );
}

export async function removeTask(sql: Sql, id: string): Promise<void> {
  await rows(sql, '/* agentTasks.remove */ delete from agent_task where id = $1', [id]);
}

/** All that a host was asked: it has booted, or its job has ended. */
export async function removeTasksOf(sql: Sql, hostId: string): Promise<void> {
  await rows(sql, '/* agentTasks.removeOf */ delete from agent_task where host_id = $1', [hostId]);
}
