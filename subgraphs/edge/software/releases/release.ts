// Releases and what each host runs, and their tables.
import { EntitySchema } from 'typeorm';

export interface ReleaseRow {
  /** Release id: `starlingx-10.0.1`. */
  readonly id: string;
  readonly softwareVersion: string | null;
  readonly hostCount: number;
}

export interface HostSoftwareRow {
  /** Local host id. */
  readonly hostId: string;
  readonly release: string;
  readonly reportedAt: string;
}

export const ReleaseEntity = new EntitySchema<{ id: string; softwareVersion: string | null }>({
  name: 'Release',
  tableName: 'release',
  columns: {
    id: { type: 'text', primary: true, primaryKeyConstraintName: 'release_pk' },
    softwareVersion: { type: 'text', name: 'software_version', nullable: true },
  },
});

export const HostSoftwareEntity = new EntitySchema<{ hostId: string; releaseId: string; reportedAt: Date }>({
  name: 'HostSoftware',
  tableName: 'host_software',
  columns: {
    hostId: { type: 'uuid', name: 'host_id', primary: true, primaryKeyConstraintName: 'host_software_pk' },
    releaseId: { type: 'text', name: 'release_id' },
    reportedAt: { type: 'timestamptz', precision: 3, name: 'reported_at' },
  },
  indices: [{ name: 'host_software_by_release', columns: ['releaseId'] }],
});
