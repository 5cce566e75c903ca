// What an agent's report makes of a host. Pure.
import type { SimulatedBmc } from '../bmc/simulated-bmc.ts';
import type { Hardware, HostRow, Personality } from './host.ts';

/** `ReportHostInput` of the SDL. */
export interface HostReport extends Hardware {
  readonly identity: string;
  readonly hostname?: string | null;
  readonly personality?: Personality | null;
  readonly simulated: boolean;
  readonly managementMac?: string | null;
  readonly managementIp?: string | null;
  readonly serialNumber?: string | null;
  readonly manufacturer?: string | null;
  readonly productName?: string | null;
  readonly uptimeSeconds: number;
  readonly simulatedBmc?: SimulatedBmc | null;
}

/**
 * The host after the report. A new host with a role is taken into service; one without stays locked and disabled until
 * an operator has given it one. A report never changes the administrative state or the labels of a known host, nor the
 * name and the role that an operator gave it.
 */
export function afterReport(known: HostRow | null, report: HostReport, newId: string, at: string): HostRow {
  const { cpu, memory, ports, disks, devices } = report;
  const said = known?.declared ? known : { hostname: report.hostname, personality: report.personality };
  const personality = said.personality ?? known?.personality ?? null;
  return {
    id: known?.id ?? newId,
    identity: report.identity,
    hostname: said.hostname ?? known?.hostname ?? null,
    personality,
    ...stateAfterReport(known, personality),
    declared: known?.declared ?? false,
    subfunctions: known?.subfunctions ?? [],
    location: known?.location ?? null,
    install: known?.install ?? null,
    bmc: known?.bmc ?? bmcOf(report),
    simulated: report.simulated,
    managementMac: report.managementMac?.toLowerCase() ?? known?.managementMac ?? null,
    managementIp: report.managementIp ?? known?.managementIp ?? null,
    serialNumber: report.serialNumber ?? null,
    manufacturer: report.manufacturer ?? null,
    productName: report.productName ?? null,
    labels: known?.labels ?? [],
    hardware: { cpu, memory, ports, disks, devices },
    uptimeSeconds: report.uptimeSeconds,
    cpuUsagePercent: known?.cpuUsagePercent ?? null,
    memoryUsagePercent: known?.memoryUsagePercent ?? null,
    lastHeartbeatAt: at,
  };
}

/** What an operator declares stands; a simulated host that nobody declared tells its own. */
const bmcOf = ({ simulatedBmc }: HostReport): HostRow['bmc'] =>
  simulatedBmc ? { type: 'REDFISH', ip: simulatedBmc.ip, username: simulatedBmc.username } : null;

type HostState = Pick<HostRow, 'administrative' | 'operational' | 'availability'>;

function stateAfterReport(
  known: HostRow | null,
  personality: Personality | null,
): HostState & Pick<HostRow, 'provisioning'> {
  if (personality === null) return WITHOUT_ROLE;
  if (known === null || known.personality === null) return IN_SERVICE;
  return { administrative: known.administrative, provisioning: known.provisioning, ...heardAgain(known) };
}

const WITHOUT_ROLE = {
  administrative: 'LOCKED',
  operational: 'DISABLED',
  availability: 'ONLINE',
  provisioning: 'UNPROVISIONED',
} as const;

const IN_SERVICE = {
  administrative: 'UNLOCKED',
  operational: 'ENABLED',
  availability: 'AVAILABLE',
  provisioning: 'PROVISIONED',
} as const;

/** A host that was OFFLINE and is heard again; any other stays as it is. */
export function heardAgain(host: HostState): Pick<HostState, 'operational' | 'availability'> {
  if (host.availability !== 'OFFLINE') return { operational: host.operational, availability: host.availability };
  return host.administrative === 'UNLOCKED'
    ? { operational: 'ENABLED', availability: 'AVAILABLE' }
    : { operational: 'DISABLED', availability: 'ONLINE' };
}
