// How far the software subgraph has followed the region's inventory.
import { EntitySchema } from 'typeorm';

export const FollowedEntity = new EntitySchema<{ source: string; epoch: string | null; sequence: string }>({
  name: 'Followed',
  tableName: 'followed',
  columns: {
    source: { type: 'text', primary: true, primaryKeyConstraintName: 'followed_pk' },
    epoch: { type: 'uuid', nullable: true },
    sequence: { type: 'bigint' },
  },
});
