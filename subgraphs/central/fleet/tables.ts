// The fleet subgraph's tables: what its migrations make and its entities describe.
import { fleetMigrations } from '../../../migrations/fleet/index.ts';
import type { SubgraphTables } from '../../runtime/database.ts';
import { IdempotencyEntity } from '../../runtime/idempotency.ts';
import { RegionAlignmentEntity } from './alignment/alignment.ts';
import { FeedAccountEntity, FeedTellerEntity } from './feed/feed-account.ts';
import { HostLogEntity } from './hosts/host-log.ts';
import {
  FeedHeadEntity,
  FeedLogEntity,
  MirrorAlarmCountEntity,
  MirrorAlarmEntity,
  MirrorDeviceEntity,
  MirrorHostEntity,
  RegionPositionEntity,
} from './mirror/mirror-rows.ts';
import { StagedAlarmEntity, StagedHostEntity } from './mirror/staged-rows.ts';
import { RegionEntity } from './regions/region.ts';

export const fleetTables: SubgraphTables = {
  schema: 'fleet',
  entities: [
    RegionEntity,
    RegionPositionEntity,
    MirrorHostEntity,
    MirrorDeviceEntity,
    MirrorAlarmEntity,
    MirrorAlarmCountEntity,
    FeedLogEntity,
    FeedHeadEntity,
    HostLogEntity,
    StagedAlarmEntity,
    StagedHostEntity,
    RegionAlignmentEntity,
    FeedAccountEntity,
    FeedTellerEntity,
    IdempotencyEntity,
  ],
  migrations: fleetMigrations,
};
