// The configuration of one host: what is in effect, and what waits for its next unlock; and its table.
import { EntitySchema } from 'typeorm';
import type { ConfigurationFailure } from '../lifecycle/pending-configuration.ts';
import type { NodalConfiguration } from './nodal-configuration.ts';

export interface HostConfigurationRow {
  readonly hostId: string;
  /** The profile that was applied last, and which version of it. */
  readonly profileId: string;
  readonly profileVersion: number;
  /** All that is to be in effect; null when nothing waits. */
  readonly pending: NodalConfiguration | null;
  readonly pendingSince: string | null;
  /** Null until a first configuration came into effect. */
  readonly applied: NodalConfiguration | null;
  readonly appliedAt: string | null;
  /** What the host could not take of `pending` when it was last tried. */
  readonly failures: readonly ConfigurationFailure[];
}

const optionalInstant = { type: 'timestamptz', precision: 3, nullable: true } as const;

export const HostConfigurationEntity = new EntitySchema<HostConfigurationRow>({
  name: 'HostConfiguration',
  tableName: 'host_configuration',
  columns: {
    hostId: { type: 'uuid', name: 'host_id', primary: true, primaryKeyConstraintName: 'host_configuration_pk' },
    profileId: { type: 'uuid', name: 'profile_id' },
    profileVersion: { type: 'integer', name: 'profile_version' },
    pending: { type: 'jsonb', nullable: true },
    pendingSince: { ...optionalInstant, name: 'pending_since' },
    applied: { type: 'jsonb', nullable: true },
    appliedAt: { ...optionalInstant, name: 'applied_at' },
    failures: { type: 'jsonb', default: [] },
  },
  indices: [{ name: 'host_configuration_by_profile', columns: ['profileId'] }],
  foreignKeys: [
    {
      target: 'Host',
      columnNames: ['hostId'],
      referencedColumnNames: ['id'],
      name: 'host_configuration_host',
      onDelete: 'CASCADE',
    },
    {
      target: 'HostProfile',
      columnNames: ['profileId'],
      referencedColumnNames: ['id'],
      name: 'host_configuration_profile',
    },
  ],
});
