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
     where host_id = any($1::uuid[]) and (state = 'ORDERED' or ordered_at < $2) order by ordered_at, id`,
    [hostIds, takenBefore],
  );

/** What was ordered before an instant and nobody took. */
export const findUntaken = (sql: Sql, orderedBefore: string): Promise<AgentTaskRow[]> =>
  rows(sql, `/* agentTasks.untaken */ select ${COLUMNS} from agent_task where state = 'ORDERED' and ordered_at < $1`, [
    orderedBefore,
  ]);

export const findTask = (sql: Sql, id: string): Promise<AgentTaskRow | null> =>
  one(sql, `/* agentTasks.byId */ select ${COLUMNS} from agent_task where id = $1`, [id]);

export async function acceptTask(sql: Sql, id: string, at: string): Promise<void> {
  await rows(sql, `/* agentTasks.accept */ update agent_task set state = 'ACCEPTED', ordered_at = $2 where id = $1`, [
    id,
    at,
  ]);
}

export async function removeTask(sql: Sql, id: string): Promise<void> {
  await rows(sql, '/* agentTasks.remove */ delete from agent_task where id = $1', [id]);
}

/** All that a host was asked: it has booted, or its job has ended. */
export async function removeTasksOf(sql: Sql, hostId: string): Promise<void> {
  await rows(sql, '/* agentTasks.removeOf */ delete from agent_task where host_id = $1', [hostId]);
}
