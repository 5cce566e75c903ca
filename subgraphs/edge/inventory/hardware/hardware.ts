// What a machine is made of, as its agent found it: the shapes of the SDL. What agents of older releases do not say is
// missing; what a machine does not say is null.

export interface Hardware {
  readonly cpu: Cpu;
  readonly memory: readonly NumaMemory[];
  readonly ports: readonly Port[];
  readonly disks: readonly Disk[];
  readonly devices: readonly Device[];
  readonly interfaces?: readonly NetworkInterface[] | null;
  readonly volumeGroups?: readonly VolumeGroup[] | null;
  /** Readings of the machine's own sensors; they move all the time. */
  readonly sensors?: readonly AgentSensor[] | null;
}

export type CpuFunction = 'PLATFORM' | 'VSWITCH' | 'SHARED' | 'APPLICATION' | 'APPLICATION_ISOLATED' | 'NONE';

export interface Cpu {
  readonly model: string;
  readonly sockets: number;
  readonly cores: number;
  readonly threads: number;
  readonly smt: boolean;
  readonly architecture: string;
  readonly logicalCpus?: readonly LogicalCpu[] | null;
}

export interface LogicalCpu {
  readonly number: number;
  readonly socket: number;
  readonly core: number;
  readonly thread: number;
  readonly numaNode?: number | null;
  readonly function?: CpuFunction | null;
}

export interface NumaMemory {
  readonly node: number;
  readonly totalMiB: number;
  readonly freeMiB: number;
  readonly hugePages: readonly { readonly pageSizeKiB: number; readonly total: number; readonly free: number }[];
}

export interface Port {
  readonly name: string;
  readonly mac?: string | null;
  readonly driver?: string | null;
  readonly pciAddress?: string | null;
  readonly speedMbps?: number | null;
  readonly mtu?: number | null;
  readonly up: boolean;
  readonly duplex?: 'FULL' | 'HALF' | null;
  readonly autoNegotiation?: boolean | null;
  readonly numaNode?: number | null;
  readonly vendorId?: string | null;
  readonly deviceId?: string | null;
  readonly sriov?: {
    readonly totalVfs: number;
    readonly configuredVfs: number;
    readonly driver?: string | null;
  } | null;
  readonly lldpNeighbour?: LldpNeighbour | null;
}

export interface LldpNeighbour {
  readonly chassis?: string | null;
  readonly port?: string | null;
  readonly systemName?: string | null;
}

export type InterfaceType = 'ETHERNET' | 'VLAN' | 'AE' | 'VIRTUAL' | 'VF';
export type BondMode = 'ACTIVE_STANDBY' | 'BALANCED' | 'LACP';

export interface NetworkInterface {
  readonly name: string;
  readonly type: InterfaceType;
  readonly mac?: string | null;
  readonly mtu?: number | null;
  readonly up: boolean;
  readonly vlanId?: number | null;
  readonly bondMode?: BondMode | null;
  readonly addresses: readonly string[];
  readonly uses: readonly string[];
  readonly usedBy: readonly string[];
}

export interface Disk {
  readonly deviceNode: string;
  readonly kind: 'HDD' | 'SSD' | 'NVME' | 'UNDETERMINED';
  readonly sizeMiB: number;
  readonly model?: string | null;
  readonly serialNumber?: string | null;
  readonly holdsRoot?: boolean | null;
  readonly partitions?: readonly Partition[] | null;
}

export interface Partition {
  readonly deviceNode: string;
  readonly startMiB: number;
  readonly sizeMiB: number;
  readonly name?: string | null;
  readonly mountPoint?: string | null;
}

export interface VolumeGroup {
  readonly name: string;
  readonly sizeMiB: number;
  readonly freeMiB: number;
  readonly physicalVolumes: readonly Volume[];
  readonly logicalVolumes: readonly Volume[];
}

export interface Volume {
  readonly name: string;
  readonly sizeMiB: number;
}

export interface Device {
  readonly pciAddress: string;
  readonly kind: 'GPU' | 'CRYPTO' | 'ACCELERATOR';
  readonly vendorId: string;
  readonly deviceId: string;
  readonly name?: string | null;
  readonly driver?: string | null;
  readonly numaNode?: number | null;
}

export interface AgentSensor {
  readonly name: string;
  readonly kind: 'TEMPERATURE' | 'FAN' | 'VOLTAGE' | 'CURRENT' | 'POWER';
  /** Degrees Celsius, revolutions per minute, volts, amperes or watts. */
  readonly value: number;
}

/** A port that is there to be touched: the kernel's own (bridges, veths) have neither a driver nor a PCI address. */
export const isRealPort = ({ pciAddress, driver }: Port): boolean =>
  (pciAddress !== null && pciAddress !== undefined) || (driver !== null && driver !== undefined);
