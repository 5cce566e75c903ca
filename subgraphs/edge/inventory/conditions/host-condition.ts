// What is wrong with a host, as the inventory knows it, and its table. The region's faults make alarms of conditions and
// keep them equal: a condition that is there is an open alarm, one that is gone is a clear.
import { EntitySchema } from 'typeorm';
import type { Severity } from '../../../catalogue/catalogue.ts';

/** Who says so. Each replaces its own conditions of a host, and never those of another. */
export type ConditionSource =
  | 'lifecycle'
  | 'heartbeat'
  | 'process'
  | 'interface'
  | 'bmc'
  | 'sensor'
  | 'configuration'
  | 'workload';

export interface Condition {
  /** Of the catalogue. */
  readonly alarmId: string;
  /** What follows `host=<hostname>` in the entity instance: empty for the host itself, else `.process=sshd`, `.port=eno1`. */
  readonly instance: string;
  readonly severity: Severity;
  /** Stays the same while nothing new is to be told: a change of it is a change of the alarm. */
  readonly reasonText: string;
}

export interface ConditionRow extends Condition {
  readonly hostId: string;
  readonly source: ConditionSource;
  /** When the host came into it; a change of severity or text leaves it. */
  readonly since: string;
}

const text = { type: 'text' } as const;

export const ConditionEntity = new EntitySchema<ConditionRow>({
  name: 'HostCondition',
  tableName: 'host_condition',
  columns: {
    hostId: { type: 'uuid', name: 'host_id', primary: true, primaryKeyConstraintName: 'host_condition_pk' },
    source: { ...text, primary: true, primaryKeyConstraintName: 'host_condition_pk' },
    alarmId: { ...text, name: 'alarm_id', primary: true, primaryKeyConstraintName: 'host_condition_pk' },
    instance: { ...text, primary: true, primaryKeyConstraintName: 'host_condition_pk' },
    severity: text,
    reasonText: { ...text, name: 'reason_text' },
    since: { type: 'timestamptz', precision: 3 },
  },
  foreignKeys: [
    {
      target: 'Host',
      columnNames: ['hostId'],
      referencedColumnNames: ['id'],
      name: 'host_condition_host',
      onDelete: 'CASCADE',
    },
  ],
});
