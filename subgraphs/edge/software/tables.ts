// The software subgraph's tables: what its migrations make and its entities describe.
import { softwareMigrations } from '../../../migrations/software/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { OutboxEntity, OutboxHeadEntity } from '../../runtime/outbox.ts';
import { FollowedEntity } from './hosts/followed.ts';
import { HostSoftwareEntity, ReleaseEntity } from './releases/release.ts';

export const softwareTables: SubgraphTables = {
  schema: 'software',
  entities: [ReleaseEntity, HostSoftwareEntity, FollowedEntity, OutboxEntity, OutboxHeadEntity, IdempotencyEntity],
  migrations: softwareMigrations,
};
