// Which host id belongs to a hostname. Alarms name hosts by hostname; the inventory knows their ids and its change
// stream brings them here.
import { EntitySchema } from 'typeorm';

export interface DirectoryRow {
  readonly id: string;
  readonly hostname: string;
}

export const DirectoryEntity = new EntitySchema<DirectoryRow>({
  name: 'HostDirectory',
  tableName: 'host_directory',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'host_directory_pk' },
    hostname: { type: 'text' },
  },
  indices: [{ name: 'host_directory_by_name', columns: ['hostname'] }],
});

export const FollowedEntity = new EntitySchema<{ source: string; epoch: string | null; sequence: string }>({
  name: 'Followed',
  tableName: 'followed',
  columns: {
    source: { type: 'text', primary: true, primaryKeyConstraintName: 'followed_pk' },
    epoch: { type: 'uuid', nullable: true },
    sequence: { type: 'bigint' },
  },
});
