// A host as the inventory keeps it, and its table.
import { EntitySchema } from 'typeorm';
import type { Hardware } from '../hardware/hardware.ts';
import type { Bmc, InstallParameters } from '../provisioning/declaration.ts';
import type { HostCapacity } from './host-capacity.ts';

export type Personality = 'CONTROLLER' | 'WORKER' | 'STORAGE' | 'EDGEWORKER';
export type Availability =
  | 'AVAILABLE'
  | 'INTEST'
  | 'DEGRADED'
  | 'FAILED'
  | 'POWER_OFF'
  | 'OFFLINE'
  | 'OFFDUTY'
  | 'ONLINE'
  | 'DEPENDENCY'
  | 'NOT_INSTALLED';

export interface Label {
  readonly key: string;
  readonly value: string;
}

/** StarlingX's `invprovision`: no role yet or never unlocked; its first unlock is under way; it was in service once. */
export type Provisioning = 'UNPROVISIONED' | 'PROVISIONING' | 'PROVISIONED';

export interface HostRow {
  readonly id: string;
  readonly identity: string;
  readonly hostname: string | null;
  readonly personality: Personality | null;
  readonly administrative: 'LOCKED' | 'UNLOCKED';
  readonly operational: 'ENABLED' | 'DISABLED';
  readonly availability: Availability;
  readonly provisioning: Provisioning;
  /** An operator said its name and its role: what its agent says changes neither. */
  readonly declared: boolean;
  readonly subfunctions: readonly string[];
  readonly location: string | null;
  /** Null while nobody has said how it is installed. */
  readonly install: InstallParameters | null;
  readonly bmc: Bmc | null;
  readonly simulated: boolean;
  readonly managementMac: string | null;
  readonly managementIp: string | null;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly productName: string | null;
  readonly labels: readonly Label[];
  /** Null until its agent has reported. */
  readonly hardware: Hardware | null;
  /** Null until its agent has reported. */
  readonly capacity: HostCapacity | null;
  /** Null until its agent has reported. */
  readonly uptimeSeconds: number | null;
  readonly cpuUsagePercent: number | null;
  readonly memoryUsagePercent: number | null;
  /** Null until its agent has reported. */
  readonly lastHeartbeatAt: string | null;
  /** What is being done with it, for operators; null when nothing is. */
  readonly task: string | null;
  /** Why it is FAILED; null in any other availability. */
  readonly failure: string | null;
  /** Something that degrades a host is wrong with it. */
  readonly impaired: boolean;
  /** Of the boot that it runs since, as its agent said; null when its agent says none. */
  readonly bootId: string | null;
  /** Of controllers: whether it is the one that runs the region. Null of other hosts, and until it first decided. */
  readonly activeController: boolean | null;
}

/** Without the hardware, which is 50 KB of a big machine: a list of hosts reads it only when somebody asks for it. */
export type ListedHost = Omit<HostRow, 'hardware'>;

/** The part of a host that others copy: the mirror in the centre, and the region's faults. */
export const MIRRORED = [
  'id',
  'hostname',
  'personality',
  'administrative',
  'operational',
  'availability',
  'provisioning',
  'task',
  'subfunctions',
  'managementMac',
  'serialNumber',
  'manufacturer',
  'productName',
  'simulated',
  'labels',
  'capacity',
] as const satisfies readonly (keyof HostRow)[];

export type MirroredHost = Pick<HostRow, (typeof MIRRORED)[number]>;

export const mirrored = (host: MirroredHost): MirroredHost =>
  Object.fromEntries(MIRRORED.map(field => [field, host[field]])) as unknown as MirroredHost;

/** Something that happened to a host and has no state: an event log of the catalogue. */
export interface HostEvent {
  readonly eventId: string;
  /** What follows `host=<hostname>` in the entity instance: `.event=mnfa_enter`. */
  readonly instance: string;
  readonly reasonText: string;
}

const text = { type: 'text' } as const;
const optionalText = { type: 'text', nullable: true } as const;

export const HostEntity = new EntitySchema<HostRow>({
  name: 'Host',
  tableName: 'host',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'host_pk' },
    identity: text,
    hostname: optionalText,
    personality: optionalText,
    administrative: text,
    operational: text,
    availability: text,
    provisioning: { type: 'text', default: 'PROVISIONED' },
    declared: { type: 'boolean', default: false },
    subfunctions: { type: 'jsonb', default: [] },
    location: optionalText,
    install: { type: 'jsonb', nullable: true },
    bmc: { type: 'jsonb', nullable: true },
    simulated: { type: 'boolean' },
    managementMac: { ...optionalText, name: 'management_mac' },
    managementIp: { ...optionalText, name: 'management_ip' },
    serialNumber: { ...optionalText, name: 'serial_number' },
    manufacturer: optionalText,
    productName: { ...optionalText, name: 'product_name' },
    labels: { type: 'jsonb', default: [] },
    hardware: { type: 'jsonb', nullable: true },
    capacity: { type: 'jsonb', nullable: true },
    uptimeSeconds: { type: 'integer', name: 'uptime_seconds', nullable: true },
    cpuUsagePercent: { type: 'double precision', name: 'cpu_usage_percent', nullable: true },
    memoryUsagePercent: { type: 'double precision', name: 'memory_usage_percent', nullable: true },
    lastHeartbeatAt: { type: 'timestamptz', precision: 3, name: 'last_heartbeat_at', nullable: true },
    task: optionalText,
    failure: optionalText,
    impaired: { type: 'boolean', default: false },
    bootId: { ...optionalText, name: 'boot_id' },
    activeController: { type: 'boolean', name: 'active_controller', nullable: true },
  },
  uniques: [{ name: 'host_identity_unique', columns: ['identity'] }],
  indices: [{ name: 'host_by_name', columns: ['hostname', 'id'] }],
});
