// The shapes that an agent reports, field for field the inputs of the region's doors. Holds no behaviour.
export type Personality = 'CONTROLLER' | 'WORKER' | 'STORAGE' | 'EDGEWORKER';
export type DiskKind = 'HDD' | 'SSD' | 'NVME' | 'UNDETERMINED';
export type DeviceKind = 'GPU' | 'CRYPTO' | 'ACCELERATOR';
/** StarlingX's functions of a logical CPU. */
export type CpuFunction = 'PLATFORM' | 'VSWITCH' | 'SHARED' | 'APPLICATION' | 'APPLICATION_ISOLATED' | 'NONE';
export type InterfaceType = 'ETHERNET' | 'VLAN' | 'AE' | 'VIRTUAL' | 'VF';
export type BondMode = 'ACTIVE_STANDBY' | 'BALANCED' | 'LACP';
export type Duplex = 'FULL' | 'HALF';
export type SensorKind = 'TEMPERATURE' | 'FAN' | 'VOLTAGE' | 'CURRENT' | 'POWER';
export type UsageResource = 'CPU' | 'MEMORY' | 'FILESYSTEM';
export type Severity = 'CRITICAL' | 'MAJOR' | 'MINOR' | 'WARNING';

export interface HostReport {
  /** What tells this machine from every other one of the region for life. */
  readonly identity: string;
  readonly hostname: string;
  readonly personality: Personality;
  /** StarlingX's words: an all-in-one controller is `controller` and `worker`. */
  readonly subfunctions: readonly string[];
  readonly simulated: boolean;
  readonly managementMac: string | null;
  readonly managementIp: string | null;
  readonly serialNumber: string | null;
  readonly manufacturer: string | null;
  readonly productName: string | null;
  readonly uptimeSeconds: number;
  /** Of the boot that it runs since; null where the machine does not say. */
  readonly bootId?: string | null;
  readonly cpu: CpuReport;
  readonly memory: readonly NumaMemoryReport[];
  readonly ports: readonly PortReport[];
  readonly disks: readonly DiskReport[];
  readonly devices: readonly DeviceReport[];
  readonly interfaces: readonly InterfaceReport[];
  readonly volumeGroups: readonly VolumeGroupReport[];
  readonly sensors: readonly SensorReport[];
  /** Where the simulator answers as its BMC; of simulated hosts only. */
  readonly simulatedBmc?: SimulatedBmcReport;
}

export interface SimulatedBmcReport {
  /** Of its Redfish service, without `/redfish/v1`. */
  readonly url: string;
  readonly ip: string;
  readonly username: string;
  readonly password: string;
}

export interface CpuReport {
  readonly model: string;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  readonly smt: boolean;
  readonly architecture: string;
  /** Those that are online, by number. */
  readonly logicalCpus: readonly LogicalCpuReport[];
}

export interface LogicalCpuReport {
  readonly number: number;
  readonly socket: number;
  /** Within its socket, as the kernel numbers it. */
  readonly core: number;
  /** Within its core, from 0. */
  readonly thread: number;
  readonly numaNode: number | null;
  /** Null when the machine does not say. */
  readonly function: CpuFunction | null;
}

export interface NumaMemoryReport {
  readonly node: number;
  readonly totalMiB: number;
  readonly freeMiB: number;
  readonly hugePages: readonly HugePagesReport[];
}

export interface HugePagesReport {
  readonly pageSizeKiB: number;
  readonly total: number;
  readonly free: number;
}

export interface PortReport {
  readonly name: string;
  readonly mac: string | null;
  readonly driver: string | null;
  readonly pciAddress: string | null;
  readonly speedMbps: number | null;
  readonly mtu: number | null;
  readonly up: boolean;
  readonly duplex: Duplex | null;
  readonly autoNegotiation: boolean | null;
  readonly numaNode: number | null;
  readonly vendorId: string | null;
  readonly deviceId: string | null;
  /** Null for a port that has no virtual functions to give. */
  readonly sriov: SriovReport | null;
  readonly lldpNeighbour: LldpNeighbourReport | null;
}

export interface SriovReport {
  readonly totalVfs: number;
  readonly configuredVfs: number;
  /** What drives the configured ones. */
  readonly driver: string | null;
}

/** What stands at the other end of the cable. */
export interface LldpNeighbourReport {
  readonly chassis: string | null;
  readonly port: string | null;
  readonly systemName: string | null;
}

export interface InterfaceReport {
  readonly name: string;
  readonly type: InterfaceType;
  readonly mac: string | null;
  readonly mtu: number | null;
  readonly up: boolean;
  readonly vlanId: number | null;
  readonly bondMode: BondMode | null;
  /** With prefix length: `10.0.0.7/24`. */
  readonly addresses: readonly string[];
  /** Names of the interfaces it stands on. */
  readonly uses: readonly string[];
  readonly usedBy: readonly string[];
}

export interface DiskReport {
  readonly deviceNode: string;
  readonly kind: DiskKind;
  readonly sizeMiB: number;
  readonly model: string | null;
  readonly serialNumber: string | null;
  /** The root file system lies on it; null when the machine does not say. */
  readonly holdsRoot: boolean | null;
  readonly partitions: readonly PartitionReport[];
}

export interface PartitionReport {
  readonly deviceNode: string;
  readonly startMiB: number;
  readonly sizeMiB: number;
  /** GPT name. */
  readonly name: string | null;
  readonly mountPoint: string | null;
}

export interface VolumeGroupReport {
  readonly name: string;
  readonly sizeMiB: number;
  readonly freeMiB: number;
  readonly physicalVolumes: readonly VolumeReport[];
  readonly logicalVolumes: readonly VolumeReport[];
}

export interface VolumeReport {
  /** A physical volume's device node, a logical volume's name. */
  readonly name: string;
  readonly sizeMiB: number;
}

/** A reading of the machine's own sensors, in degrees Celsius, revolutions per minute, volts, amperes or watts. */
export interface SensorReport {
  readonly name: string;
  readonly kind: SensorKind;
  readonly value: number;
}

export interface DeviceReport {
  readonly pciAddress: string;
  readonly kind: DeviceKind;
  readonly vendorId: string;
  readonly deviceId: string;
  readonly name: string | null;
  readonly driver: string | null;
  readonly numaNode: number | null;
}

/** What a heartbeat says of a host. */
export interface VitalsReport {
  readonly identity: string;
  readonly uptimeSeconds: number;
  /** As in HostReport. */
  readonly bootId?: string | null;
  readonly cpuUsagePercent: number | null;
  readonly memoryUsagePercent: number | null;
}

export interface UsageSample {
  readonly hostname: string;
  readonly resource: UsageResource;
  /** The mount directory of a FILESYSTEM; null otherwise. */
  readonly instance: string | null;
  readonly usedPercent: number;
}

export interface SoftwareReport {
  readonly identity: string;
  readonly release: string;
  readonly softwareVersion: string | null;
}

/** Something that happened and has no state. */
export interface EventReport {
  readonly eventId: string;
  readonly entityInstanceId: string;
  readonly reasonText: string;
  /** RFC 3339 */
  readonly occurredAt: string;
}

export interface AlarmReport {
  readonly alarmId: string;
  readonly severity: Severity;
  readonly entityInstanceId: string;
  readonly reasonText: string;
}

/** How what is watched on a host is: all of it. */
export interface ChecksReport {
  readonly identity: string;
  readonly processes: readonly ProcessCheck[];
  readonly ports: readonly PortCheck[];
}

export interface ProcessCheck {
  readonly name: string;
  readonly state: 'RUNNING' | 'RESTARTING' | 'FAILED';
  readonly severity: Severity;
  readonly restarts: number;
}

export interface PortCheck {
  readonly name: string;
  readonly network: 'OAM' | 'MANAGEMENT' | 'CLUSTER_HOST' | 'DATA';
  readonly interface: string | null;
  readonly up: boolean;
}
