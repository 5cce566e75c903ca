// A host profile: a configuration with a name, to be applied to many hosts; and its table.
import { EntitySchema } from 'typeorm';
import type { Label } from '../hosts/host.ts';
import type { NodalConfiguration } from './nodal-configuration.ts';

export interface HostProfileRow {
  readonly id: string;
  /** Its own in the region. */
  readonly name: string;
  readonly description: string | null;
  /** From 1; one more at each change. Hosts keep what they were given: a newer version is theirs once it is applied. */
  readonly version: number;
  readonly configuration: NodalConfiguration;
  readonly labels: readonly Label[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

const instant = { type: 'timestamptz', precision: 3 } as const;

export const HostProfileEntity = new EntitySchema<HostProfileRow>({
  name: 'HostProfile',
  tableName: 'host_profile',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'host_profile_pk' },
    name: { type: 'text' },
    description: { type: 'text', nullable: true },
    version: { type: 'integer' },
    configuration: { type: 'jsonb' },
    labels: { type: 'jsonb' },
    createdAt: { ...instant, name: 'created_at' },
    updatedAt: { ...instant, name: 'updated_at' },
  },
  uniques: [{ name: 'host_profile_name_unique', columns: ['name'] }],
});
