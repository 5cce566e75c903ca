// A workload as the region keeps it, the budgets that protect groups of them, the evacuations that are asked for, and
// their tables.
import { EntitySchema } from 'typeorm';

export type WorkloadKind = 'CONTAINER' | 'VM';
/** `PENDING` runs nowhere yet: it waits for a host, or begins on its target. `MIGRATING` runs on while it moves. */
export type WorkloadState = 'RUNNING' | 'MIGRATING' | 'PENDING' | 'STOPPED' | 'FAILED';
export type WorkloadSource = 'SIMULATED' | 'KUBERNETES';

/** What a workload takes of its host, and what a host has for workloads. */
export interface Resources {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly hugePagesMiB: number;
  readonly gpus: number;
}

export interface WorkloadRow extends Resources {
  readonly id: string;
  /** Where it runs, or begins to run; null while no host has room for it. */
  readonly hostId: string | null;
  /** Where it goes while it is MIGRATING. */
  readonly targetId: string | null;
  readonly name: string;
  readonly namespace: string | null;
  readonly kind: WorkloadKind;
  readonly state: WorkloadState;
  readonly source: WorkloadSource;
  /** May leave its host in good order; one that may not (a local disk, a device of its own) only moves by force. */
  readonly migratable: boolean;
  /** Belongs to its host and stays through an evacuation: a pod of a DaemonSet, a static pod, one that has ended. */
  readonly stays: boolean;
  /** No two of a group on one host. */
  readonly antiAffinityGroup: string | null;
  readonly disruptionGroup: string | null;
  /** When it came into its state. */
  readonly since: string;
  /** When what is under way ends; the simulated driver's. */
  readonly readyAt: string | null;
}

/** At least so many of a group are available, whatever is evacuated. */
export interface DisruptionBudgetRow {
  readonly group: string;
  readonly source: WorkloadSource;
  readonly minAvailable: number;
}

/** A host that is being emptied. Whoever wants that asks again and again: one that is not asked for any more lapses. */
export interface EvacuationRow {
  readonly hostId: string;
  readonly askedAt: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const host = (name: string) => ({
  type: 'uuid' as const,
  nullable: true,
  name: `${name}_id`,
  foreignKey: { target: 'Host', name: `workload_${name}`, onDelete: 'SET NULL' as const },
});

export const WorkloadEntity = new EntitySchema<WorkloadRow>({
  name: 'Workload',
  tableName: 'workload',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'workload_pk' },
    hostId: host('host'),
    targetId: host('target'),
    name: text,
    namespace: optionalText,
    kind: text,
    state: text,
    source: text,
    migratable: { type: 'boolean' },
    stays: { type: 'boolean' },
    antiAffinityGroup: { ...optionalText, name: 'anti_affinity_group' },
    disruptionGroup: { ...optionalText, name: 'disruption_group' },
    cpus: { type: 'double precision' },
    memoryMiB: { type: 'integer', name: 'memory_mib' },
    hugePagesMiB: { type: 'integer', name: 'huge_pages_mib' },
    gpus: { type: 'integer' },
    since: { type: 'timestamptz', precision: 3 },
    readyAt: { type: 'timestamptz', precision: 3, name: 'ready_at', nullable: true },
  },
  indices: [
    { name: 'workload_by_host', columns: ['hostId', 'name', 'id'] },
    { name: 'workload_by_name', columns: ['name', 'id'] },
  ],
});

export const DisruptionBudgetEntity = new EntitySchema<DisruptionBudgetRow>({
  name: 'DisruptionBudget',
  tableName: 'disruption_budget',
  columns: {
    group: { type: 'text', primary: true, primaryKeyConstraintName: 'disruption_budget_pk' },
    source: text,
    minAvailable: { type: 'integer', name: 'min_available' },
  },
});

export const EvacuationEntity = new EntitySchema<EvacuationRow>({
  name: 'Evacuation',
  tableName: 'evacuation',
  columns: {
    hostId: {
      type: 'uuid',
      name: 'host_id',
      primary: true,
      primaryKeyConstraintName: 'evacuation_pk',
      foreignKey: { target: 'Host', name: 'evacuation_host', onDelete: 'CASCADE' },
    },
    askedAt: { type: 'timestamptz', precision: 3, name: 'asked_at' },
  },
});

/** The simulated hosts that were given workloads: once, whatever becomes of them. */
export const WorkloadSeedEntity = new EntitySchema<{ hostId: string }>({
  name: 'WorkloadSeed',
  tableName: 'workload_seed',
  columns: {
    hostId: {
      type: 'uuid',
      name: 'host_id',
      primary: true,
      primaryKeyConstraintName: 'workload_seed_pk',
      foreignKey: { target: 'Host', name: 'workload_seed_host', onDelete: 'CASCADE' },
    },
  },
});
