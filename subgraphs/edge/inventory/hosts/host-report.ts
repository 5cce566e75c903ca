// What an agent's report makes of a host. Pure.
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
}

/**
 * The host after the report. A new host with a role is taken into service; one without stays locked and disabled until
 * an operator has given it one. A report never changes the administrative state or the labels of a known host.
 */
export function afterReport(known: HostRow | null, report: HostReport, newId: string, at: string): HostRow {
  const { cpu, memory, ports, disks, devices } = report;
  const personality = report.personality ?? known?.personality ?? null;
  return {
    id: known?.id ?? newId,
    identity: report.identity,
    hostname: report.hostname ?? known?.hostname ?? null,
    personality,
    ...stateAfterReport(known, personality),
    simulated: report.simulated,
    managementMac: report.managementMac?.toLowerCase() ?? null,
    managementIp: report.managementIp ?? null,
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

type HostState = Pick<HostRow, 'administrative' | 'operational' | 'availability'>;

function stateAfterReport(known: HostRow | null, personality: Personality | null): HostState {
  if (personality === null) return { administrative: 'LOCKED', operational: 'DISABLED', availability: 'ONLINE' };
  if (known === null || known.personality === null)
    return { administrative: 'UNLOCKED', operational: 'ENABLED', availability: 'AVAILABLE' };
  return { administrative: known.administrative, ...heardAgain(known) };
}

/** A host that was OFFLINE and is heard again; any other stays as it is. */
export function heardAgain(host: HostState): Pick<HostState, 'operational' | 'availability'> {
  if (host.availability !== 'OFFLINE') return { operational: host.operational, availability: host.availability };
  return host.administrative === 'UNLOCKED'
    ? { operational: 'ENABLED', availability: 'AVAILABLE' }
    : { operational: 'DISABLED', availability: 'ONLINE' };
}
