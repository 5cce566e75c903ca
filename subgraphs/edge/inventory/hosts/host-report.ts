// What an agent's report makes of a host, but for what follows from its being heard: that is the lifecycle's. Pure.
import type { SimulatedBmc } from '../bmc/simulated-bmc.ts';
import type { Hardware } from '../hardware/hardware.ts';
import { withSeen } from '../hardware/hardware-facts.ts';
import type { Claim } from '../hardware/host-port-store.ts';
import type { HostRow, Personality } from './host.ts';
import { capacityOf } from './host-capacity.ts';

/** `ReportHostInput` of the SDL. */
export interface HostReport extends Hardware {
  readonly identity: string;
  readonly hostname?: string | null;
  readonly personality?: Personality | null;
  readonly subfunctions?: readonly string[] | null;
  readonly simulated: boolean;
  readonly managementMac?: string | null;
  readonly managementIp?: string | null;
  readonly serialNumber?: string | null;
  readonly manufacturer?: string | null;
  readonly productName?: string | null;
  readonly uptimeSeconds: number;
  /** Of the boot that it runs since; agents of an older release say none. */
  readonly bootId?: string | null;
  readonly simulatedBmc?: SimulatedBmc | null;
}

/**
 * The host after the report. A new host with a role is taken into service; one without stays locked and disabled until
 * an operator has given it one. A report never changes the state or the labels of a known host, nor the name and the role
 * that an operator gave it.
 */
export function afterReport(known: HostRow | null, report: HostReport, newId: string, at: string): HostRow {
  const { cpu, memory, ports, disks, devices, interfaces, volumeGroups, sensors } = report;
  const hardware = { cpu, memory, ports, disks, devices, interfaces, volumeGroups, sensors } as Hardware;
  const said = known?.declared ? known : { hostname: report.hostname, personality: report.personality };
  const personality = said.personality ?? known?.personality ?? null;
  return {
    ...(known ?? aNewHost(newId)),
    ...(personality !== null && (known?.personality ?? null) === null && IN_SERVICE),
    identity: report.identity,
    hostname: said.hostname ?? known?.hostname ?? null,
    personality,
    subfunctions: (known?.declared ? known.subfunctions : report.subfunctions) ?? known?.subfunctions ?? [],
    bmc: known?.bmc ?? bmcOf(report),
    simulated: report.simulated,
    managementMac: report.managementMac?.toLowerCase() ?? known?.managementMac ?? null,
    managementIp: report.managementIp ?? known?.managementIp ?? null,
    serialNumber: report.serialNumber ?? null,
    manufacturer: report.manufacturer ?? null,
    productName: report.productName ?? null,
    hardware: withSeen(known?.hardware ?? null, hardware),
    capacity: capacityOf(hardware),
    uptimeSeconds: report.uptimeSeconds,
    lastHeartbeatAt: at,
    bootId: known?.bootId ?? report.bootId ?? null,
  };
}

/** What an operator declares stands; a simulated host that nobody declared tells its own. */
const bmcOf = ({ simulatedBmc }: HostReport): HostRow['bmc'] =>
  simulatedBmc ? { type: 'REDFISH', ip: simulatedBmc.ip, username: simulatedBmc.username } : null;

/** A machine that a network boot, or the node that it is, showed by its MAC address, and of which nothing else is known. */
export const aBootedMachine = (id: string, mac: string): HostRow => ({
  ...aNewHost(id),
  identity: mac,
  managementMac: mac,
  availability: 'OFFLINE',
});

/**
 * A machine that was deleted and reports again is a new host: what it says of its name and role counts for nothing until
 * an operator has given it a role.
 */
export function asNewcomer({ removed }: Claim, known: HostRow | null, report: HostReport): HostReport {
  const isWaiting = removed && (known === null || known.personality === null);
  return isWaiting ? { ...report, hostname: null, personality: null } : report;
}

const aNewHost = (id: string): HostRow => ({
  id,
  identity: id,
  hostname: null,
  personality: null,
  administrative: 'LOCKED',
  operational: 'DISABLED',
  availability: 'ONLINE',
  provisioning: 'UNPROVISIONED',
  declared: false,
  subfunctions: [],
  location: null,
  install: null,
  bmc: null,
  simulated: false,
  managementMac: null,
  managementIp: null,
  serialNumber: null,
  manufacturer: null,
  productName: null,
  labels: [],
  hardware: null,
  capacity: null,
  uptimeSeconds: null,
  cpuUsagePercent: null,
  memoryUsagePercent: null,
  lastHeartbeatAt: null,
  task: null,
  failure: null,
  impaired: false,
  bootId: null,
  activeController: null,
});

const IN_SERVICE = {
  administrative: 'UNLOCKED',
  operational: 'ENABLED',
  availability: 'AVAILABLE',
  provisioning: 'PROVISIONED',
} as const;
