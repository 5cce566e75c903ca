// Inputs and rows that are valid by default: a test says only what it is about.
import type { AlarmRow } from '../../subgraphs/edge/faults/alarms/alarm.ts';
import type { HostReport } from '../../subgraphs/edge/inventory/hosts/host-report.ts';

let made = 0;

/** A `ReportHostInput` of a machine that no other call made. */
export function aHost(overrides: Partial<HostReport> = {}): HostReport {
  const n = ++made;
  const mac = `02:00:00:00:${hex(n >> 8)}:${hex(n & 0xff)}`;
  return {
    identity: mac,
    hostname: `compute-${n}`,
    personality: 'WORKER',
    simulated: true,
    managementMac: mac,
    managementIp: '192.168.204.7',
    serialNumber: `SN-${n}`,
    uptimeSeconds: 60,
    cpu: { model: 'Xeon Gold 6338N', sockets: 2, cores: 64, threads: 128, smt: true, architecture: 'x86_64' },
    memory: [{ node: 0, totalMiB: 65_536, freeMiB: 32_768, hugePages: [{ pageSizeKiB: 2_048, total: 16, free: 8 }] }],
    ports: [{ name: 'eno1', mac, speedMbps: 25_000, mtu: 1_500, up: true }],
    disks: [{ deviceNode: '/dev/sda', kind: 'SSD', sizeMiB: 953_869 }],
    devices: [{ pciAddress: '0000:3b:00.0', kind: 'GPU', vendorId: '10de', deviceId: '20b5' }],
    ...overrides,
  };
}

export interface RaiseAlarmInput {
  readonly region: string;
  readonly alarmId: string;
  readonly severity: string;
  readonly entityInstanceId: string;
  readonly reasonText?: string | null;
  readonly idempotencyKey?: string;
}

/** A `RaiseAlarmInput` without its region; on a host that no other call named. */
export function anAlarm(overrides: Partial<RaiseAlarmInput> = {}): Omit<RaiseAlarmInput, 'region'> {
  return {
    alarmId: '100.101',
    severity: 'MAJOR',
    entityInstanceId: `host=alarmed-${++made}`,
    reasonText: 'Platform CPU usage is 93.0 %',
    ...overrides,
  };
}

/** An open alarm as a region keeps it. */
export function anAlarmRow(overrides: Partial<AlarmRow> = {}): AlarmRow {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: '00000000-0000-4000-8000-000000000001',
    alarmId: '100.101',
    severity: 'MAJOR',
    entityTypeId: 'host',
    entityInstanceId: 'host=compute-0',
    hostname: 'compute-0',
    reasonText: null,
    title: null,
    alarmType: null,
    probableCause: null,
    proposedRepairAction: null,
    serviceAffecting: null,
    managementAffecting: null,
    degradeAffecting: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgedComment: null,
    suppressed: false,
    masked: false,
    inMaintenance: false,
    flapping: false,
    raisedAt: at,
    updatedAt: at,
    clearedAt: null,
    sequence: '1',
    ...overrides,
  };
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
