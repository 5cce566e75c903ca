// One transition of an alarm as the history keeps it. Partitioned by day: TypeORM sees the whole as one table, and the
// partitions are none of its business.
import { EntitySchema } from 'typeorm';
import type { Severity } from '../../../catalogue/catalogue.ts';
import type { TransitionKind } from '../alarms/alarm-lifecycle.ts';

export interface TransitionRow {
  /** Number of the change in the region's count. */
  readonly sequence: string;
  readonly kind: TransitionKind;
  readonly at: string;
  /** Local id of the alarm. */
  readonly alarm: string;
  readonly alarmId: string;
  readonly entityInstanceId: string;
  readonly hostname: string | null;
  /** As the transition left it. */
  readonly severity: Severity;
  readonly reasonText: string | null;
  readonly by: string | null;
  readonly comment: string | null;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const key = { primary: true, primaryKeyConstraintName: 'alarm_transition_pk' } as const;

export const TransitionEntity = new EntitySchema<TransitionRow>({
  name: 'AlarmTransition',
  tableName: 'alarm_transition',
  columns: {
    at: { type: 'timestamptz', precision: 3, ...key },
    sequence: { type: 'bigint', ...key },
    kind: text,
    alarm: { type: 'uuid' },
    alarmId: { ...text, name: 'alarm_id' },
    entityInstanceId: { ...text, name: 'entity_instance_id' },
    hostname: optionalText,
    severity: text,
    reasonText: { ...optionalText, name: 'reason_text' },
    by: optionalText,
    comment: optionalText,
  },
  indices: [
    { name: 'alarm_transition_by_entity', columns: ['entityInstanceId', 'at', 'sequence'] },
    { name: 'alarm_transition_by_alarm_id', columns: ['alarmId', 'at', 'sequence'] },
    { name: 'alarm_transition_by_host', columns: ['hostname', 'at', 'sequence'] },
  ],
});
