// A job: something that an operator, or the region itself, has ordered a host to do, and that takes longer than a call.
// It is a row before it is begun, so that whoever finds it after a crash goes on with it. At most one is open a host.
import { EntitySchema } from 'typeorm';
import type { Call, Command, Step } from './host-state.ts';

export type JobState = 'RUNNING' | 'SUCCEEDED' | 'FAILED';

export interface HostJobRow {
  readonly id: string;
  readonly hostId: string;
  readonly action: Command;
  readonly state: JobState;
  /** Where it stands; null once it has ended. */
  readonly step: Step | null;
  readonly calls: readonly Call[];
  /** 0 to 100. */
  readonly progress: number;
  /** What it waits for, or how it ended, for operators. */
  readonly message: string;
  readonly requestedAt: string;
  /** When the step is given up; null once the job has ended. */
  readonly deadlineAt: string | null;
  readonly endedAt: string | null;
}

/** Without a foreign key: what was done to a host is known after the host was deleted. */
export const HostJobEntity = new EntitySchema<HostJobRow>({
  name: 'HostJob',
  tableName: 'host_job',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'host_job_pk' },
    hostId: { type: 'uuid', name: 'host_id' },
    action: { type: 'text' },
    state: { type: 'text' },
    step: { type: 'text', nullable: true },
    calls: { type: 'jsonb', default: [] },
    progress: { type: 'integer' },
    message: { type: 'text' },
    requestedAt: { type: 'timestamptz', precision: 3, name: 'requested_at' },
    deadlineAt: { type: 'timestamptz', precision: 3, name: 'deadline_at', nullable: true },
    endedAt: { type: 'timestamptz', precision: 3, name: 'ended_at', nullable: true },
  },
  indices: [
    { name: 'host_job_open', columns: ['hostId'], unique: true, where: 'ended_at IS NULL' },
    { name: 'host_job_by_host', columns: ['hostId', 'requestedAt', 'id'] },
  ],
});
