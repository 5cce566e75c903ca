// What becomes of simulated workloads when a move begins and when it ends. Pure.
import type { Move, PlannedHost } from '../evacuation-plan.ts';
import type { WorkloadRow } from '../workload.ts';

/** A live one stays where it is until it arrives; any other is stopped, and begins on its target if there is one. */
export function begun(workload: WorkloadRow, { targetId, live }: Move, at: string, readyAt: string): WorkloadRow {
  return live
    ? { ...workload, state: 'MIGRATING', targetId, since: at, readyAt }
    : {
        ...workload,
        state: 'PENDING',
        hostId: targetId,
        targetId: null,
        since: at,
        readyAt: targetId === null ? null : readyAt,
      };
}

/** Its time is up. A target that left service meanwhile is not entered: a machine runs on at home, or waits for a host. */
export function ended(workload: WorkloadRow, hosts: ReadonlyMap<string, PlannedHost>, at: string): WorkloadRow {
  const takes = (id: string | null): boolean => id !== null && hosts.get(id)?.takes === true;
  const runs = (id: string | null): boolean => id !== null && hosts.get(id)?.runs === true;
  const still = { ...workload, targetId: null, since: at, readyAt: null };
  if (workload.state === 'MIGRATING') {
    if (takes(workload.targetId)) return { ...still, state: 'RUNNING', hostId: workload.targetId };
    if (runs(workload.hostId)) return { ...still, state: 'RUNNING' };
    return { ...still, state: 'PENDING', hostId: null };
  }
  if (runs(workload.hostId)) return { ...still, state: 'RUNNING' };
  return { ...still, state: 'PENDING', hostId: null };
}
