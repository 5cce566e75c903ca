// The inventory subgraph's tables: what its migrations make and its entities describe.
import { inventoryMigrations } from '../../../migrations/inventory/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { OutboxEntity, OutboxHeadEntity } from '../../runtime/outbox.ts';
import { BmcPasswordEntity } from './bmc/bmc-password.ts';
import { ConditionEntity } from './conditions/host-condition.ts';
import { RecoveryEntity, StormEntity } from './detection/detection-tables.ts';
import { HostEntity } from './hosts/host.ts';
import { AgentTaskEntity } from './lifecycle/agent-task.ts';
import { HostJobEntity } from './lifecycle/host-job.ts';
import { DisruptionBudgetEntity, EvacuationEntity, WorkloadEntity, WorkloadSeedEntity } from './workloads/workload.ts';

export const inventoryTables: SubgraphTables = {
  schema: 'inventory',
  entities: [
    HostEntity,
    BmcPasswordEntity,
    ConditionEntity,
    RecoveryEntity,
    StormEntity,
    HostJobEntity,
    AgentTaskEntity,
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
