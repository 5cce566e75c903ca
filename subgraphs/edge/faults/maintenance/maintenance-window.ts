// A maintenance window: a time in which nobody wants to see the alarms of the region, or of one place in it. Its row stays
// as long as the history does. It is planned, then begun, then ended; what its alarms were told says so too.
import { EntitySchema } from 'typeorm';

export interface MaintenanceWindowRow {
  readonly id: string;
  /** An entity, which covers all that lies below it; null is the whole region. */
  readonly entityPattern: string | null;
  readonly from: string;
  readonly until: string;
  readonly reason: string;
  /** Who says so: not authenticated yet. */
  readonly by: string | null;
  /** When it was entered. */
  readonly at: string;
  /** Null until its alarms were hidden; stays null when it was ended before, or its whole time fell into an outage. */
  readonly begunAt: string | null;
  /** Null until its alarms were shown again. */
  readonly endedAt: string | null;
  /** Who ended it before its time. */
  readonly endedBy: string | null;
}

export type MaintenanceState = 'PLANNED' | 'ACTIVE' | 'ENDED';

export function stateOf({ begunAt, endedAt }: MaintenanceWindowRow): MaintenanceState {
  if (endedAt !== null) return 'ENDED';
  return begunAt === null ? 'PLANNED' : 'ACTIVE';
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;

export const MaintenanceWindowEntity = new EntitySchema<MaintenanceWindowRow>({
  name: 'MaintenanceWindow',
  tableName: 'maintenance_window',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'maintenance_window_pk' },
    entityPattern: { ...optionalText, name: 'entity_pattern' },
    from: instant,
    until: instant,
    reason: text,
    by: optionalText,
    at: instant,
    begunAt: { ...instant, name: 'begun_at', nullable: true },
    endedAt: { ...instant, name: 'ended_at', nullable: true },
    endedBy: { ...optionalText, name: 'ended_by' },
  },
  indices: [
    { name: 'maintenance_window_newest', columns: ['from', 'id'] },
    { name: 'maintenance_window_open', columns: ['until'], where: '(ended_at is null)' },
  ],
});
