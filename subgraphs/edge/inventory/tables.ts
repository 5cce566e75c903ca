// The inventory subgraph's tables: what its migrations make and its entities describe.
import { inventoryMigrations } from '../../../migrations/inventory/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { OutboxEntity, OutboxHeadEntity } from '../../runtime/outbox.ts';
import { BmcPasswordEntity } from './bmc/bmc-password.ts';
import { ConditionEntity } from './conditions/host-condition.ts';
import { HostEntity } from './hosts/host.ts';
import { DisruptionBudgetEntity, EvacuationEntity, WorkloadEntity, WorkloadSeedEntity } from './workloads/workload.ts';

export const inventoryTables: SubgraphTables = {
  schema: 'inventory',
  entities: [
    HostEntity,
    BmcPasswordEntity,
    ConditionEntity,
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
