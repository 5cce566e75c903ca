// A suppression: alarms of one alarmId that nobody wants to see for a while, everywhere or at one place. It hides from
// lists and counts, never from the history. Its row goes when it ends: the alarms' transitions say that it was there.
import { EntitySchema } from 'typeorm';

export interface SuppressionRow {
  readonly id: string;
  readonly alarmId: string;
  /** An entity, which covers all that lies below it; null is everywhere. */
  readonly entityPattern: string | null;
  readonly reason: string;
  /** Who says so: not authenticated yet. */
  readonly by: string | null;
  readonly at: string;
  /** Null is until somebody ends it. */
  readonly until: string | null;
}

const text = { type: 'text' } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;

export const SuppressionEntity = new EntitySchema<SuppressionRow>({
  name: 'Suppression',
  tableName: 'suppression',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'suppression_pk' },
    alarmId: { ...text, name: 'alarm_id' },
    entityPattern: { ...text, name: 'entity_pattern', nullable: true },
    reason: text,
    by: { ...text, nullable: true },
    at: instant,
    until: { ...instant, nullable: true },
  },
  indices: [{ name: 'suppression_by_alarm_id', columns: ['alarmId'] }],
});
