// The mirror: the last known alarms and hosts of every region, its position in each region's changes, and the feed log.
import { EntitySchema } from 'typeorm';

export interface MirrorHostRow {
  /** Global id. */
  readonly id: string;
  readonly region: string;
  readonly hostname: string | null;
  readonly personality: string | null;
  readonly administrative: string;
  readonly operational: string;
  readonly availability: string;
  readonly provisioning: string | null;
  readonly task: string | null;
  readonly subfunctions: readonly string[];
  readonly managementMac: string | null;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly productName: string | null;
  readonly simulated: boolean;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  readonly capacity: HostCapacity | null;
}

/** The `HostCapacity` of the SDL. */
export interface HostCapacity {
  readonly cpuThreads: number;
  readonly memoryMiB: number;
  readonly hugePages: readonly { readonly pageSizeKiB: number; readonly total: number; readonly free: number }[];
  readonly devices: readonly { readonly kind: string; readonly name: string | null; readonly count: number }[];
}

/** A host as its region sent it. Regions of older releases leave out what they do not know. */
export type SentHost = Partial<Omit<MirrorHostRow, 'id' | 'region'>> &
  Pick<MirrorHostRow, 'administrative' | 'operational' | 'availability'>;

/** An alarm as its region sent it: the row of the region's outbox, with the local id. */
export interface SentAlarm {
  readonly id: string;
  readonly alarmId: string;
  readonly title: string | null;
  readonly severity: string;
  readonly entityTypeId: string | null;
  readonly entityInstanceId: string;
  readonly hostname: string | null;
  readonly reasonText: string | null;
  readonly acknowledgedAt: string | null;
  /** Not there in rows of regions that run an older release. */
  readonly acknowledgedBy?: string | null;
  readonly acknowledgedComment: string | null;
  readonly managementAffecting?: boolean | null;
  readonly suppressed?: boolean;
  readonly masked?: boolean;
  readonly inMaintenance?: boolean;
  readonly flapping?: boolean;
  readonly raisedAt: string;
  readonly updatedAt: string;
  readonly clearedAt: string | null;
  readonly sequence: string;
}

/** An alarm with the region that sent it: what the graph's Alarm is made of in the centre. */
export interface MirrorAlarm extends SentAlarm {
  readonly region: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;
export const ofRegion = (constraint: string) => [
  {
    target: 'Region',
    columnNames: ['region'],
    referencedColumnNames: ['id'],
    name: constraint,
    onDelete: 'CASCADE' as const,
  },
];

export const RegionPositionEntity = new EntitySchema<{
  region: string;
  source: string;
  epoch: string | null;
  sequence: string;
}>({
  name: 'RegionPosition',
  tableName: 'region_position',
  columns: {
    region: { ...text, primary: true, primaryKeyConstraintName: 'region_position_pk' },
    source: { ...text, primary: true, primaryKeyConstraintName: 'region_position_pk' },
    epoch: { type: 'uuid', nullable: true },
    sequence: { type: 'bigint' },
  },
  foreignKeys: ofRegion('region_position_region_fk'),
});

/** The columns of a host beside its id; staged hosts have them too. */
export const HOST_TABLE = {
  region: text,
  hostname: optionalText,
  personality: optionalText,
  administrative: text,
  operational: text,
  availability: text,
  provisioning: optionalText,
  task: optionalText,
  subfunctions: { type: 'jsonb', default: [] },
  managementMac: { ...optionalText, name: 'management_mac' },
  serialNumber: { ...optionalText, name: 'serial_number' },
  manufacturer: optionalText,
  productName: { ...optionalText, name: 'product_name' },
  simulated: { type: 'boolean' },
  labels: { type: 'jsonb', default: [] },
  capacity: { type: 'jsonb', nullable: true },
} as const;

export const MirrorHostEntity = new EntitySchema<MirrorHostRow>({
  name: 'MirrorHost',
  tableName: 'mirror_host',
  columns: { id: { ...text, primary: true, primaryKeyConstraintName: 'mirror_host_pk' }, ...HOST_TABLE },
  indices: [
    { name: 'mirror_host_by_name', columns: ['region', 'hostname', 'id'] },
    { name: 'mirror_host_by_mac', columns: ['managementMac'] },
    { name: 'mirror_host_by_serial', columns: ['serialNumber'] },
    { name: 'mirror_host_by_label', columns: ['labels'], synchronize: false }, // gin
    { name: 'mirror_host_by_capacity', columns: ['capacity'], synchronize: false }, // gin
  ],
  foreignKeys: ofRegion('mirror_host_region_fk'),
});

/** What devices of hosts are called, or once were; kept by triggers. Longer names than 2,000 bytes are left out. */
export const MirrorDeviceEntity = new EntitySchema<{ kind: string; name: string }>({
  name: 'MirrorDevice',
  tableName: 'mirror_device',
  columns: {
    kind: { ...text, primary: true, primaryKeyConstraintName: 'mirror_device_pk' },
    name: { ...text, primary: true, primaryKeyConstraintName: 'mirror_device_pk' },
  },
});

/** Who raised it: the region, or the centre about the region. */
export type AlarmOrigin = 'REGION' | 'CENTRE';

export interface MirrorAlarmTable {
  id: string;
  region: string;
  alarmId: string;
  severity: string;
  severityRank: number;
  entityInstanceId: string;
  hostname: string | null;
  raisedAt: Date;
  acknowledged: boolean;
  suppressed: boolean;
  masked: boolean;
  inMaintenance: boolean;
  origin: AlarmOrigin;
  alarm: SentAlarm;
}

/** The columns of an alarm beside its id; staged alarms have them too. */
export const ALARM_TABLE = {
  region: text,
  alarmId: { ...text, name: 'alarm_id' },
  severity: text,
  severityRank: { type: 'integer', name: 'severity_rank' },
  entityInstanceId: { ...text, name: 'entity_instance_id' },
  hostname: optionalText,
  raisedAt: { ...instant, name: 'raised_at' },
  acknowledged: { type: 'boolean' },
  suppressed: { type: 'boolean', default: false },
  masked: { type: 'boolean', default: false },
  inMaintenance: { type: 'boolean', name: 'in_maintenance', default: false },
  origin: { ...text, default: 'REGION' },
  alarm: { type: 'jsonb' },
} as const;

export const MirrorAlarmEntity = new EntitySchema<MirrorAlarmTable>({
  name: 'MirrorAlarm',
  tableName: 'mirror_alarm',
  columns: { id: { ...text, primary: true, primaryKeyConstraintName: 'mirror_alarm_pk' }, ...ALARM_TABLE },
  indices: [
    { name: 'mirror_alarm_newest', columns: ['raisedAt', 'id'] },
    { name: 'mirror_alarm_by_severity', columns: ['severityRank', 'raisedAt', 'id'] },
    { name: 'mirror_alarm_by_region', columns: ['region', 'raisedAt', 'id'] },
    { name: 'mirror_alarm_by_host', columns: ['hostname', 'raisedAt', 'id'] },
    { name: 'mirror_alarm_by_alarm_id', columns: ['alarmId', 'raisedAt', 'id'] },
    {
      name: 'mirror_alarm_causes',
      columns: ['region', 'hostname'],
      where: `(alarm_id = ANY (ARRAY['280.001'::text, '200.001'::text, '200.004'::text, '200.005'::text, '200.009'::text, '200.011'::text]))`,
    },
  ],
  foreignKeys: ofRegion('mirror_alarm_region_fk'),
});

const counted = { primary: true, primaryKeyConstraintName: 'mirror_alarm_count_pk' } as const;

/** How many rows of mirror_alarm are alike in this; kept by triggers. Rows may stand at 0. */
export const MirrorAlarmCountEntity = new EntitySchema<{
  region: string;
  severity: string;
  origin: AlarmOrigin;
  acknowledged: boolean;
  suppressed: boolean;
  masked: boolean;
  inMaintenance: boolean;
  n: number;
}>({
  name: 'MirrorAlarmCount',
  tableName: 'mirror_alarm_count',
  columns: {
    region: { ...text, ...counted },
    severity: { ...text, ...counted },
    origin: { ...text, ...counted },
    acknowledged: { type: 'boolean', ...counted },
    suppressed: { type: 'boolean', ...counted },
    masked: { type: 'boolean', ...counted },
    inMaintenance: { type: 'boolean', name: 'in_maintenance', ...counted },
    n: { type: 'integer' },
  },
  foreignKeys: ofRegion('mirror_alarm_count_region_fk'),
});

export const FeedLogEntity = new EntitySchema<{
  position: string;
  region: string;
  kind: string;
  at: Date;
  alarm: SentAlarm | null;
  takenAt: Date;
  left: object | null;
}>({
  name: 'FeedLog',
  tableName: 'feed_log',
  columns: {
    position: { type: 'bigint', primary: true, primaryKeyConstraintName: 'feed_log_pk' },
    region: text,
    kind: text,
    at: instant,
    alarm: { type: 'jsonb', nullable: true },
    takenAt: { ...instant, name: 'taken_at', default: () => 'now()' },
    left: { type: 'jsonb', name: 'left_region', nullable: true },
  },
  indices: [
    { name: 'feed_log_by_age', columns: ['takenAt'] },
    { name: 'feed_log_departures', columns: ['region'], where: '(left_region IS NOT NULL)' },
  ],
});

/** One row: both logs are written under its lock. */
export const FeedHeadEntity = new EntitySchema<{
  one: boolean;
  position: string;
  secret: string;
  oldest: string;
  hostPosition: string;
  hostOldest: string;
}>({
  name: 'FeedHead',
  tableName: 'feed_head',
  columns: {
    one: { type: 'boolean', primary: true, primaryKeyConstraintName: 'feed_head_pk', default: true },
    position: { type: 'bigint' },
    secret: { type: 'uuid', generated: 'uuid' },
    oldest: { type: 'bigint', default: 0 },
    hostPosition: { type: 'bigint', name: 'host_position', default: 0 },
    hostOldest: { type: 'bigint', name: 'host_oldest', default: 0 },
  },
});
