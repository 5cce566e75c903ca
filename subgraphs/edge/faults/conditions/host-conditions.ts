// What the inventory says is wrong with each host, as the faults last heard it, and which alarms stand for that.
import { EntitySchema } from 'typeorm';
import { isWorse, type Severity } from '../../../catalogue/catalogue.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { keyText } from '../alarms/alarm-commands.ts';
import type { Raise } from '../alarms/alarm-lifecycle.ts';
import type { WantedAlarm } from '../alarms/alarm-service.ts';

/** As the inventory's changes carry it. */
export interface Condition {
  readonly alarmId: string;
  /** What follows `host=<hostname>` in the entity instance. */
  readonly instance: string;
  readonly severity: Severity;
  readonly reasonText: string;
}

export interface HostConditions {
  readonly hostId: string;
  readonly conditions: readonly Condition[];
}

export const HostConditionsEntity = new EntitySchema<HostConditions>({
  name: 'HostConditions',
  tableName: 'host_conditions',
  columns: {
    hostId: { type: 'uuid', name: 'host_id', primary: true, primaryKeyConstraintName: 'host_conditions_pk' },
    conditions: { type: 'jsonb' },
  },
});

/** Marks an alarm that a condition raised. Only such alarms are changed and cleared by conditions. */
export const ConditionAlarmEntity = new EntitySchema<{ alarm: string }>({
  name: 'ConditionAlarm',
  tableName: 'condition_alarm',
  columns: {
    alarm: {
      type: 'uuid',
      primary: true,
      primaryKeyConstraintName: 'condition_alarm_pk',
      foreignKey: { target: 'Alarm', name: 'condition_alarm_alarm', onDelete: 'CASCADE' },
    },
  },
});

export interface NamedConditions {
  readonly hostname: string;
  readonly conditions: readonly Condition[];
}

/** What the alarms must be for these hosts, given the open alarms of these hosts that conditions raised. Pure. */
export function wantedAlarms(hosts: readonly NamedConditions[], owned: readonly AlarmRow[]): WantedAlarm[] {
  const mine = new Set(owned.map(alarm => alarm.id));
  const raises = worstOfEach(hosts.flatMap(raisesOf));
  // an open alarm that somebody else raised says it already, and is theirs to clear
  const wanted = [...raises.values()].map(
    (raise): WantedAlarm => ({
      key: raise,
      decide: open => (open === null || mine.has(open.id) ? raise : 'keep'),
    }),
  );
  const over = owned
    .filter(alarm => !raises.has(keyText(alarm)))
    .map(
      (alarm): WantedAlarm => ({ key: alarm, decide: open => (open !== null && mine.has(open.id) ? null : 'keep') }),
    );
  return [...wanted, ...over];
}

const raisesOf = ({ hostname, conditions }: NamedConditions): Raise[] =>
  conditions.map(({ alarmId, instance, severity, reasonText }) => ({
    alarmId,
    entityInstanceId: `host=${hostname}${instance}`,
    severity,
    reasonText,
  }));

/** By key. Two sources may say the same of a host, and two hosts may have one name. */
function worstOfEach(raises: readonly Raise[]): Map<string, Raise> {
  const worst = new Map<string, Raise>();
  for (const raise of raises) {
    const other = worst.get(keyText(raise));
    if (!other || isWorse(raise.severity, other.severity)) worst.set(keyText(raise), raise);
  }
  return worst;
}
