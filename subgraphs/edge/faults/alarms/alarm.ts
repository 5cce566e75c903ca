// An alarm as the region keeps it, and its table. An alarm is known by (alarmId, entityInstanceId) while it is open.
import { EntitySchema } from 'typeorm';
import type { CatalogueFacts, Severity } from '../../../catalogue/catalogue.ts';

export interface AlarmRow extends CatalogueFacts {
  readonly id: string;
  readonly alarmId: string;
  readonly severity: Severity;
  readonly entityTypeId: string | null;
  readonly entityInstanceId: string;
  /** The host in the entity instance. */
  readonly hostname: string | null;
  readonly reasonText: string | null;
  readonly acknowledgedAt: string | null;
  /** Who says so: not authenticated yet. */
  readonly acknowledgedBy: string | null;
  readonly acknowledgedComment: string | null;
  /** Hidden from lists and counts by a suppression. */
  readonly suppressed: boolean;
  /** Hidden from lists and counts by another alarm: its host is locked. */
  readonly masked: boolean;
  /** Hidden from lists and counts by a maintenance window. */
  readonly inMaintenance: boolean;
  /** Raised and cleared again and again. */
  readonly flapping: boolean;
  readonly raisedAt: string;
  readonly updatedAt: string;
  readonly clearedAt: string | null;
  /** Number of its last change in the region's count. */
  readonly sequence: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const optionalFlag = { type: 'boolean', nullable: true } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;

export const AlarmEntity = new EntitySchema<AlarmRow>({
  name: 'Alarm',
  tableName: 'alarm',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'alarm_pk' },
    alarmId: { ...text, name: 'alarm_id' },
    title: optionalText,
    severity: text,
    entityTypeId: { ...optionalText, name: 'entity_type_id' },
    entityInstanceId: { ...text, name: 'entity_instance_id' },
    hostname: optionalText,
    reasonText: { ...optionalText, name: 'reason_text' },
    alarmType: { ...optionalText, name: 'alarm_type' },
    probableCause: { ...optionalText, name: 'probable_cause' },
    proposedRepairAction: { ...optionalText, name: 'proposed_repair_action' },
    serviceAffecting: { ...optionalFlag, name: 'service_affecting' },
    managementAffecting: { ...optionalFlag, name: 'management_affecting' },
    degradeAffecting: { ...optionalFlag, name: 'degrade_affecting' },
    acknowledgedAt: { ...instant, name: 'acknowledged_at', nullable: true },
    acknowledgedBy: { ...optionalText, name: 'acknowledged_by' },
    acknowledgedComment: { ...optionalText, name: 'acknowledged_comment' },
    suppressed: { type: 'boolean', default: false },
    masked: { type: 'boolean', default: false },
    inMaintenance: { type: 'boolean', name: 'in_maintenance', default: false },
    flapping: { type: 'boolean', default: false },
    raisedAt: { ...instant, name: 'raised_at' },
    updatedAt: { ...instant, name: 'updated_at' },
    clearedAt: { ...instant, name: 'cleared_at', nullable: true },
    sequence: { type: 'bigint' },
  },
  indices: [
    { name: 'alarm_open_key', columns: ['alarmId', 'entityInstanceId'], unique: true, where: '(cleared_at is null)' },
    { name: 'alarm_open_newest', columns: ['raisedAt', 'id'], where: '(cleared_at is null)' },
    { name: 'alarm_open_by_host', columns: ['hostname', 'raisedAt', 'id'], where: '(cleared_at is null)' },
    { name: 'alarm_flapping', columns: ['raisedAt'], where: '(flapping and cleared_at is null)' },
    { name: 'alarm_cleared', columns: ['clearedAt'], where: '(cleared_at is not null)' },
    { name: 'alarm_by_key', columns: ['alarmId', 'entityInstanceId', 'clearedAt'] },
  ],
});
