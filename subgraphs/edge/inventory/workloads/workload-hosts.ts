// Which hosts run workloads, and how much of each is for them. Pure.
import type { HostRow } from '../hosts/host.ts';
import type { PlannedHost, PlannedWorkload, Situation } from './evacuation-plan.ts';
import type { DisruptionBudgetRow, Resources } from './workload.ts';

export interface WorkloadHost
  extends Pick<
    HostRow,
    | 'id'
    | 'hostname'
    | 'personality'
    | 'administrative'
    | 'operational'
    | 'availability'
    | 'subfunctions'
    | 'simulated'
    | 'managementMac'
    | 'managementIp'
  > {
  /** Null until its agent has reported. */
  readonly threads: number | null;
  readonly memory: readonly NumaNode[] | null;
  readonly ports: readonly { readonly mac?: string | null }[] | null;
  readonly gpus: number | null;
  readonly evacuating: boolean;
}

interface NumaNode {
  readonly totalMiB: number;
  readonly hugePages: readonly { readonly pageSizeKiB: number; readonly total: number }[];
}

// about what StarlingX reserves for the platform on a worker
const PLATFORM = { cpus: 2, memoryMiB: 8_192 } as const;

/**
 * Workers do; controllers of an all-in-one region do as well: one that says so by its subfunction, or any in a region with
 * fewer than two workers.
 */
export function hostsForWorkloads(hosts: readonly WorkloadHost[]): WorkloadHost[] {
  const isWorker = ({ personality }: WorkloadHost) => personality === 'WORKER' || personality === 'EDGEWORKER';
  const allInOne = hosts.filter(isWorker).length < 2;
  return hosts.filter(
    host => isWorker(host) || (host.personality === 'CONTROLLER' && (allInOne || host.subfunctions.includes('worker'))),
  );
}

export const isInService = ({ administrative, operational, availability }: WorkloadHost): boolean =>
  administrative === 'UNLOCKED' && operational === 'ENABLED' && availability === 'AVAILABLE';

export function capacityOf({ threads, memory, gpus }: WorkloadHost): Resources {
  const nodes = memory ?? [];
  const hugePagesMiB = nodes
    .flatMap(node => node.hugePages)
    .reduce((sum, { pageSizeKiB, total }) => sum + (pageSizeKiB / 1_024) * total, 0);
  const totalMiB = nodes.reduce((sum, node) => sum + node.totalMiB, 0);
  return {
    cpus: Math.max(0, (threads ?? 0) - PLATFORM.cpus),
    memoryMiB: Math.max(0, totalMiB - hugePagesMiB - PLATFORM.memoryMiB),
    hugePagesMiB,
    gpus: gpus ?? 0,
  };
}

const planned = (host: WorkloadHost): PlannedHost => ({
  id: host.id,
  name: host.hostname ?? host.id,
  capacity: capacityOf(host),
  takes: isInService(host) && !host.evacuating,
  runs: host.operational === 'ENABLED',
});

export const situationOf = (
  hosts: readonly WorkloadHost[],
  workloads: readonly PlannedWorkload[],
  budgets: readonly DisruptionBudgetRow[],
): Situation => ({
  hosts: hostsForWorkloads(hosts).map(planned),
  workloads,
  budgets: new Map(budgets.map(({ group, minAvailable }) => [group, minAvailable])),
});
