// A region as the centre knows it, and its tables.
import { EntitySchema } from 'typeorm';

export type RegionManagement = 'MANAGED' | 'UNMANAGED';

export interface Location {
  readonly label?: string | null;
  readonly latitude?: number | null;
  readonly longitude?: number | null;
}

export interface Label {
  readonly key: string;
  readonly value: string;
}

export interface RegionRow {
  readonly id: string;
  readonly name: string;
  /** The region's door, `http://host:port/<region>`. */
  readonly endpoint: string;
  readonly description: string | null;
  readonly location: Location | null;
  readonly groupName: string | null;
  readonly labels: readonly Label[];
  readonly management: RegionManagement;
  readonly addedAt: string;
  /** Last heartbeat that arrived; null before the first. */
  readonly lastContactAt: string | null;
  /** Why there was no contact the last time it was tried. */
  readonly contactReason: string | null;
  /** From when feeds were told that this region's part is old; null while it is whole. */
  readonly staleSince: string | null;
  /** Whether the centre's alarm of its loss is open. */
  readonly offlineAlarm: boolean;
  /** Since when a comparison of its part of the mirror is asked for, by the database's clock; null when none is. */
  readonly realignRequestedAt: string | null;
  /** Hash of the schema of each of its subgraphs, as it said at its last hello; null before the first. */
  readonly schemas: Readonly<Record<string, string>> | null;
}

/** A region that is no longer in the graph, as it was. */
export interface LeftRegion extends RegionRow {
  readonly leftAt: string;
}

export const hasLeft = (region: RegionRow): region is LeftRegion => 'leftAt' in region;

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;

export const RegionEntity = new EntitySchema<RegionRow>({
  name: 'Region',
  tableName: 'region',
  columns: {
    id: { ...text, primary: true, primaryKeyConstraintName: 'region_pk' },
    name: text,
    endpoint: text,
    description: optionalText,
    location: { type: 'jsonb', nullable: true },
    groupName: { ...optionalText, name: 'group_name' },
    labels: { type: 'jsonb', default: [] },
    management: { ...text, default: 'MANAGED' },
    addedAt: { type: 'timestamptz', precision: 3, name: 'added_at', default: () => 'now()' },
    lastContactAt: { type: 'timestamptz', precision: 3, name: 'last_contact_at', nullable: true },
    contactReason: { ...optionalText, name: 'contact_reason' },
    staleSince: { type: 'timestamptz', precision: 3, name: 'stale_since', nullable: true },
    offlineAlarm: { type: 'boolean', name: 'offline_alarm', default: false },
    realignRequestedAt: { type: 'timestamptz', precision: 3, name: 'realign_requested_at', nullable: true },
    schemas: { type: 'jsonb', nullable: true },
  },
});
