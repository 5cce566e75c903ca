// The faults subgraph's tables: what its migrations make and its entities describe.
import { faultsMigrations } from '../../../migrations/faults/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { OutboxEntity, OutboxHeadEntity } from '../../runtime/outbox.ts';
import { AlarmEntity } from './alarms/alarm.ts';
import { CommentEntity } from './comments/comment.ts';
import { ConditionAlarmEntity, HostConditionsEntity } from './conditions/host-conditions.ts';
import { DirectoryEntity, FollowedEntity } from './directory/host-directory.ts';
import { EventEntity, EventHeadEntity } from './events/event.ts';
import { TransitionEntity } from './history/transition.ts';
import { MaintenanceWindowEntity } from './maintenance/maintenance-window.ts';
import { SuppressionEntity } from './suppressions/suppression.ts';

export const faultsTables: SubgraphTables = {
  schema: 'faults',
  entities: [
    AlarmEntity,
    CommentEntity,
    TransitionEntity,
    SuppressionEntity,
    MaintenanceWindowEntity,
    EventEntity,
    EventHeadEntity,
    DirectoryEntity,
    FollowedEntity,
    HostConditionsEntity,
    ConditionAlarmEntity,
    OutboxEntity,
    OutboxHeadEntity,
    IdempotencyEntity,
  ],
  migrations: faultsMigrations,
};
