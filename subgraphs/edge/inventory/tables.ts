// The inventory subgraph's tables: what its migrations make and its entities describe.
import { inventoryMigrations } from '../../../migrations/inventory/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { OutboxEntity, OutboxHeadEntity } from '../../runtime/outbox.ts';
import { BmcPasswordEntity } from './bmc/bmc-password.ts';
import { BmcLogEntity, BmcStatusEntity, SimulatedBmcEntity } from './bmc/bmc-status.ts';
import { ConditionEntity } from './conditions/host-condition.ts';
import { RecoveryEntity, StormEntity } from './detection/detection-tables.ts';
import { HardwareChangeEntity } from './hardware/hardware-change.ts';
import { HostPortEntity, RemovedMachineEntity } from './hardware/host-port.ts';
import { HostEntity } from './hosts/host.ts';
import { AgentTaskEntity } from './lifecycle/agent-task.ts';
import { HostJobEntity } from './lifecycle/host-job.ts';
import { HostConfigurationEntity } from './profiles/host-configuration.ts';
import { HostProfileEntity } from './profiles/host-profile.ts';
import { DisruptionBudgetEntity, EvacuationEntity, WorkloadEntity, WorkloadSeedEntity } from './workloads/workload.ts';

export const inventoryTables: SubgraphTables = {
  schema: 'inventory',
  entities: [
    HostEntity,
    BmcPasswordEntity,
    BmcStatusEntity,
    BmcLogEntity,
    SimulatedBmcEntity,
    ConditionEntity,
    RecoveryEntity,
    StormEntity,
    HostJobEntity,
    AgentTaskEntity,
    HardwareChangeEntity,
    HostPortEntity,
    RemovedMachineEntity,
    HostProfileEntity,
    HostConfigurationEntity,
    WorkloadEntity,
    DisruptionBudgetEntity,
    WorkloadSeedEntity,
    EvacuationEntity,
    OutboxEntity,
    OutboxHeadEntity,
    IdempotencyEntity,
  ],
  migrations: inventoryMigrations,
};
