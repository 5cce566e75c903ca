// A small server in every detail that an agent tells: two NUMA nodes, a bond with a VLAN, LVM. A test changes what it is about.
import type { Hardware, LogicalCpu, Port } from '../../subgraphs/edge/inventory/hardware/hardware.ts';

const CORES_PER_NODE = 4;

/** Two sockets of four cores with two threads each. */
export function logicalCpus(): LogicalCpu[] {
  const cores = 2 * CORES_PER_NODE;
  return Array.from({ length: 2 * cores }, (_, number) => {
    const place = number % cores;
    const socket = Math.floor(place / CORES_PER_NODE);
    return {
      number,
      socket,
      core: place % CORES_PER_NODE,
      thread: Math.floor(number / cores),
      numaNode: socket,
      function: null,
    };
  });
}

/** `macs` are those of its three ports: eno1, and ens1f0 and ens1f1, which can do SR-IOV. */
export function aMachine(macs: readonly [string, string, string] = MACS): Hardware {
  const card = {
    driver: 'ice',
    speedMbps: 10_000,
    mtu: 1_500,
    up: true,
    duplex: 'FULL',
    autoNegotiation: true,
  } as const;
  const port = (name: string, mac: string, pciAddress: string, totalVfs: number): Port => ({
    ...{ name, mac, pciAddress, ...card, numaNode: 0, vendorId: '8086', deviceId: '1593' },
    sriov: totalVfs === 0 ? null : { totalVfs, configuredVfs: 0, driver: null },
    lldpNeighbour: { chassis: '02:1f:00:00:00:01', port: 'Ethernet1', systemName: 'leaf-1' },
  });
  const interfaceOn = { mac: macs[1], mtu: 1_500, up: true, vlanId: null, bondMode: null, addresses: [] };
  return {
    cpu: {
      ...{ model: 'Xeon', sockets: 2, cores: 8, threads: 16, smt: true, architecture: 'x86_64' },
      logicalCpus: logicalCpus(),
    },
    memory: [0, 1].map(node => ({
      ...{ node, totalMiB: 65_536, freeMiB: 32_768 },
      hugePages: [
        { pageSizeKiB: 2_048, total: 16, free: 8 },
        { pageSizeKiB: 1_048_576, total: 4, free: 4 },
      ],
    })),
    ports: [
      port('eno1', macs[0], '0000:18:00.0', 0),
      port('ens1f0', macs[1], '0000:51:00.0', 64),
      port('ens1f1', macs[2], '0000:51:00.1', 64),
    ],
    interfaces: [
      { ...interfaceOn, name: 'eno1', type: 'ETHERNET', mac: macs[0], uses: [], usedBy: [] },
      { ...interfaceOn, name: 'bond0', type: 'AE', bondMode: 'LACP', uses: ['ens1f0', 'ens1f1'], usedBy: ['cluster0'] },
      { ...interfaceOn, name: 'cluster0', type: 'VLAN', vlanId: 157, uses: ['bond0'], usedBy: [] },
    ],
    disks: [
      {
        ...{
          deviceNode: '/dev/sda',
          kind: 'SSD',
          sizeMiB: 953_869,
          model: 'SSD-A',
          serialNumber: 'DISK-A',
          holdsRoot: true,
        },
        partitions: [{ deviceNode: '/dev/sda1', startMiB: 1, sizeMiB: 102_400, name: 'cgts-vg', mountPoint: null }],
      },
      {
        ...{ deviceNode: '/dev/sdb', kind: 'HDD', sizeMiB: 7_630_885, model: 'HDD-B', serialNumber: 'DISK-B' },
        ...{ holdsRoot: false, partitions: [] },
      },
      {
        ...{ deviceNode: '/dev/nvme0n1', kind: 'NVME', sizeMiB: 102_400, model: 'NVME-C', serialNumber: 'DISK-C' },
        ...{ holdsRoot: false, partitions: [] },
      },
    ],
    devices: [
      {
        ...{ pciAddress: '0000:3b:00.0', kind: 'GPU', vendorId: '10de', deviceId: '20b5', name: 'NVIDIA A100' },
        ...{ driver: 'nvidia', numaNode: 0 },
      },
    ],
    volumeGroups: [
      {
        ...{ name: 'cgts-vg', sizeMiB: 102_400, freeMiB: 71_680 },
        physicalVolumes: [{ name: '/dev/sda1', sizeMiB: 102_400 }],
        logicalVolumes: [{ name: 'docker-lv', sizeMiB: 30_720 }],
      },
    ],
  };
}

const MACS = ['02:00:00:01:00:00', '02:00:00:01:00:01', '02:00:00:01:00:02'] as const;
