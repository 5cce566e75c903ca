// What the mirror's tables hold of a copied row, column by column: the same for the mirror and for staged snapshots of it.
import { makeId } from '../../../../schema/identity.ts';
import type { MirrorHostRow, SentAlarm, SentHost } from './mirror-rows.ts';

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

/** The mirror's row of a host that a region sent under its local id. */
export const hostRow = (region: string, localId: string, sent: SentHost): MirrorHostRow => ({
  id: makeId(region, localId),
  region,
  hostname: sent.hostname ?? null,
  personality: sent.personality ?? null,
  administrative: sent.administrative,
  operational: sent.operational,
  availability: sent.availability,
  provisioning: sent.provisioning ?? null,
  task: sent.task ?? null,
  subfunctions: sent.subfunctions ?? [],
  managementMac: sent.managementMac ?? null,
  serialNumber: sent.serialNumber ?? null,
  manufacturer: sent.manufacturer ?? null,
  productName: sent.productName ?? null,
  simulated: sent.simulated ?? false,
  labels: sent.labels ?? [],
  capacity: sent.capacity ?? null,
});

export const HOST_COLUMNS = `id, region, hostname, personality, administrative, operational, availability, provisioning,
  task, subfunctions, management_mac, serial_number, manufacturer, product_name, simulated, labels, capacity`;

/** A `MirrorHostRow` of `mirror_host m`. */
export const HOST_FIELDS = `m.id, m.region, m.hostname, m.personality, m.administrative, m.operational, m.availability,
  m.provisioning, m.task, m.subfunctions, m.management_mac as "managementMac", m.serial_number as "serialNumber",
  m.manufacturer, m.product_name as "productName", m.simulated, m.labels, m.capacity`;

/** The parameters of `hostArrays`. */
export const HOST_ARRAYS = `$1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::text[], $10::jsonb[], $11::text[], $12::text[], $13::text[], $14::text[], $15::boolean[], $16::jsonb[],
  $17::jsonb[]`;

export const hostArrays = (hosts: readonly MirrorHostRow[]): unknown[] => [
  hosts.map(h => h.id),
  hosts.map(h => h.region),
  hosts.map(h => h.hostname),
  hosts.map(h => h.personality),
  hosts.map(h => h.administrative),
  hosts.map(h => h.operational),
  hosts.map(h => h.availability),
  hosts.map(h => h.provisioning),
  hosts.map(h => h.task),
  hosts.map(h => JSON.stringify(h.subfunctions)),
  hosts.map(h => h.managementMac),
  hosts.map(h => h.serialNumber),
  hosts.map(h => h.manufacturer),
  hosts.map(h => h.productName),
  hosts.map(h => h.simulated),
  hosts.map(h => JSON.stringify(h.labels)),
  hosts.map(h => (h.capacity === null ? null : JSON.stringify(h.capacity))),
];
