// What the mirror's tables hold of a copied row, column by column: the same for the mirror and for staged snapshots of it.
import type { MirrorHostRow, SentAlarm } from './mirror-rows.ts';

export interface CopiedAlarm {
  /** Global id. */
  readonly id: string;
  readonly region: string;
  readonly alarm: SentAlarm;
}

const RANK: Readonly<Record<string, number>> = { CRITICAL: 1, MAJOR: 2, MINOR: 3, WARNING: 4 };

export const ALARM_COLUMNS = `id, region, alarm_id, severity, severity_rank, entity_instance_id, hostname, raised_at,
  acknowledged, suppressed, masked, in_maintenance, alarm`;

/** The parameters of `alarmArrays`. */
export const ALARM_ARRAYS = `$1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
  $8::timestamptz[], $9::boolean[], $10::boolean[], $11::boolean[], $12::boolean[], $13::jsonb[]`;

export const alarmArrays = (alarms: readonly CopiedAlarm[]): unknown[] => [
  alarms.map(a => a.id),
  alarms.map(a => a.region),
  alarms.map(a => a.alarm.alarmId),
  alarms.map(a => a.alarm.severity),
  alarms.map(a => RANK[a.alarm.severity] ?? 5),
  alarms.map(a => a.alarm.entityInstanceId),
  alarms.map(a => a.alarm.hostname),
  alarms.map(a => a.alarm.raisedAt),
  alarms.map(a => a.alarm.acknowledgedAt !== null),
  alarms.map(a => a.alarm.suppressed ?? false),
  alarms.map(a => a.alarm.masked ?? false),
  alarms.map(a => a.alarm.inMaintenance ?? false),
  alarms.map(a => JSON.stringify(a.alarm)),
];

export const HOST_COLUMNS = `id, region, hostname, personality, administrative, operational, availability,
  management_mac, serial_number, simulated`;

/** The parameters of `hostArrays`. */
export const HOST_ARRAYS = `$1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::text[], $10::boolean[]`;

export const hostArrays = (hosts: readonly MirrorHostRow[]): unknown[] => [
  hosts.map(h => h.id),
  hosts.map(h => h.region),
  hosts.map(h => h.hostname),
  hosts.map(h => h.personality),
  hosts.map(h => h.administrative),
  hosts.map(h => h.operational),
  hosts.map(h => h.availability),
  hosts.map(h => h.managementMac),
  hosts.map(h => h.serialNumber),
  hosts.map(h => h.simulated),
];
