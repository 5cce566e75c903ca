// What the agent of a host is asked to do, and its table. It is handed out with the answers to heartbeats until the agent
// has answered; it is gone once it is done, or its job has ended.
import { EntitySchema } from 'typeorm';
import type { AgentTaskKind } from './host-state.ts';

/**
 * WAITING: for the one before it. ORDERED: the agent has not answered. ACCEPTED: it is at it, and is not asked again for a
 * while, but to configure, which may be done twice: its agent may have died over it.
 */
export type AgentTaskState = 'WAITING' | 'ORDERED' | 'ACCEPTED';

/**
 * A host that beats on so long after its agent took a task is not at it: the agent died between. It is asked again. A
 * machine that goes down says nothing by then.
 */
export const ASKED_AGAIN_MS = 60_000;

export interface AgentTaskRow {
  readonly id: string;
  readonly hostId: string;
  readonly jobId: string;
  readonly kind: AgentTaskKind;
  readonly state: AgentTaskState;
  /** When it was ordered; once it is ACCEPTED, when its agent took it last. */
  readonly orderedAt: string;
}

export const AgentTaskEntity = new EntitySchema<AgentTaskRow>({
  name: 'AgentTask',
  tableName: 'agent_task',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'agent_task_pk' },
    hostId: { type: 'uuid', name: 'host_id' },
    jobId: { type: 'uuid', name: 'job_id' },
    kind: { type: 'text' },
    state: { type: 'text' },
    orderedAt: { type: 'timestamptz', precision: 3, name: 'ordered_at' },
  },
  indices: [{ name: 'agent_task_by_host', columns: ['hostId'] }],
  foreignKeys: [
    {
      target: 'Host',
      columnNames: ['hostId'],
      referencedColumnNames: ['id'],
      name: 'agent_task_host',
      onDelete: 'CASCADE',
    },
  ],
});
