// What counts as a change of hardware, and what does not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Hardware } from '../../../subgraphs/edge/inventory/hardware/hardware.ts';
import { diffHardware } from '../../../subgraphs/edge/inventory/hardware/hardware-diff.ts';
import { cpuList, withSeen } from '../../../subgraphs/edge/inventory/hardware/hardware-facts.ts';
import { aMachine } from '../../support/machines.ts';

/** The changes that a second report makes after a first. */
function changes(first: Hardware, second: Hardware, serialNumber = 'SN-1') {
  const before = withSeen(null, first);
  const machine = { serialNumber: 'SN-1', manufacturer: null, productName: null };
  return diffHardware(
    { ...machine, hardware: before },
    { ...machine, serialNumber, hardware: withSeen(before, second) },
  );
}

const base = aMachine();
const [port, ...otherPorts] = base.ports;
const [disk, ...otherDisks] = base.disks;

test('what moves by itself is no change', () => {
  const moved = {
    ...base,
    memory: base.memory.map(node => ({
      ...node,
      freeMiB: 1,
      hugePages: node.hugePages.map(pages => ({ ...pages, free: 0 })),
    })),
    ports: base.ports.map(p => ({ ...p, up: false, speedMbps: null, duplex: null, lldpNeighbour: null })),
    interfaces: base.interfaces!.map(i => ({ ...i, up: false, addresses: ['10.9.9.9/24'], mac: null })),
    volumeGroups: base.volumeGroups!.map(group => ({ ...group, freeMiB: 0 })),
    sensors: [{ name: 'x', kind: 'FAN' as const, value: 1 }],
  };
  expect(changes(base, moved)).toEqual([]);
});

test('a link that was down and comes back slower, or at another switch, is a change', () => {
  const down = { ...port!, up: false, speedMbps: null, lldpNeighbour: null };
  const back = { ...port!, speedMbps: 1_000, lldpNeighbour: { systemName: 'leaf-9', port: 'Ethernet1' } };
  const first = withSeen(null, base);
  const second = withSeen(first, { ...base, ports: [down, ...otherPorts] });
  const machine = { serialNumber: null, manufacturer: null, productName: null };
  const third = withSeen(second, { ...base, ports: [back, ...otherPorts] });
  expect(diffHardware({ ...machine, hardware: second }, { ...machine, hardware: third })).toEqual([
    { path: 'ports[0000:18:00.0].speedMbps', kind: 'CHANGED', from: '10000', to: '1000' },
    { path: 'ports[0000:18:00.0].lldpNeighbour', kind: 'CHANGED', from: 'leaf-1 Ethernet1', to: 'leaf-9 Ethernet1' },
  ]);
});

test('a disk is known by its serial number: another node is a change of that disk, another disk comes and goes', () => {
  expect(changes(base, { ...base, disks: [{ ...disk!, deviceNode: '/dev/sdz' }, ...otherDisks] })).toContainEqual({
    path: `disks[${disk!.serialNumber}].deviceNode`,
    kind: 'CHANGED',
    from: '/dev/sda',
    to: '/dev/sdz',
  });
  expect(changes(base, { ...base, disks: [{ ...disk!, serialNumber: 'NEW' }, ...otherDisks] })).toEqual([
    { path: `disks[${disk!.serialNumber}]`, kind: 'REMOVED', from: '/dev/sda SSD-A 953869 MiB', to: null },
    { path: 'disks[NEW]', kind: 'ADDED', from: null, to: '/dev/sda SSD-A 953869 MiB' },
  ]);
});

test('another card in the same slot is a change of its MAC address', () => {
  expect(changes(base, { ...base, ports: [{ ...port!, mac: '02:00:00:00:ff:ff' }, ...otherPorts] })).toEqual([
    { path: 'ports[0000:18:00.0].mac', kind: 'CHANGED', from: port!.mac, to: '02:00:00:00:ff:ff' },
  ]);
});

test('ports that the kernel makes come and go untold', () => {
  const bridge = { name: 'docker0', mac: '02:42:00:00:00:01', driver: null, pciAddress: null, up: true };
  expect(changes(base, { ...base, ports: [...base.ports, bridge] })).toEqual([]);
});

test('devices, logical volumes, partitions and interfaces come and go', () => {
  const { devices: _, ...rest } = base;
  const less = {
    ...rest,
    devices: [],
    interfaces: base.interfaces!.filter(({ type }) => type !== 'VLAN'),
    volumeGroups: base.volumeGroups!.map(group => ({ ...group, logicalVolumes: [] })),
    disks: base.disks.map(d => ({ ...d, partitions: [] })),
  };
  const paths = (list: readonly { path: string; kind: string }[]) => list.map(({ path, kind }) => `${kind} ${path}`);
  const expected = [
    'partitions[/dev/sda1]',
    'devices[0000:3b:00.0]',
    'interfaces[cluster0]',
    'volumeGroups[cgts-vg].logicalVolumes[docker-lv]',
  ];
  expect(paths(changes(base, less))).toEqual(expected.map(path => `REMOVED ${path}`));
  expect(paths(changes(less, base))).toEqual(expected.map(path => `ADDED ${path}`));
});

test('CPUs that are isolated are one change, told as the kernel lists them', () => {
  const logicalCpus = base.cpu.logicalCpus!.map(cpu =>
    cpu.number === 1 || cpu.number === 2 ? { ...cpu, function: 'APPLICATION_ISOLATED' as const } : cpu,
  );
  expect(changes(base, { ...base, cpu: { ...base.cpu, logicalCpus } })).toContainEqual({
    path: 'cpu.functions.APPLICATION_ISOLATED',
    kind: 'CHANGED',
    from: null,
    to: '1-2',
  });
});

test('another serial number, as of a new board, is a change', () => {
  expect(changes(base, base, 'SN-2')).toEqual([{ path: 'serialNumber', kind: 'CHANGED', from: 'SN-1', to: 'SN-2' }]);
});

test('an agent of an older release, which tells less, changes nothing, nor does the newer one after it', () => {
  const { interfaces: _, volumeGroups: __, cpu, ...rest } = base;
  const { logicalCpus: ___, ...oldCpu } = cpu;
  const old: Hardware = {
    ...rest,
    cpu: oldCpu,
    ports: base.ports.map(
      ({
        duplex: _d,
        autoNegotiation: _a,
        numaNode: _n,
        vendorId: _v,
        deviceId: _i,
        sriov: _s,
        lldpNeighbour: _l,
        ...p
      }) => p,
    ),
    disks: base.disks.map(({ partitions: _p, holdsRoot: _h, ...d }) => d),
  };
  expect(changes(base, old)).toEqual([]);
  expect(changes(old, base)).toEqual([]);
});

test('two things that claim one serial number are told apart by their nodes', () => {
  const twin = { ...disk!, deviceNode: '/dev/sdb' };
  expect(changes({ ...base, disks: [disk!, twin] }, { ...base, disks: [disk!, { ...twin, sizeMiB: 5 }] })).toEqual([
    { path: 'disks[/dev/sdb].sizeMiB', kind: 'CHANGED', from: '953869', to: '5' },
  ]);
});

test('a list of CPUs is as short as the kernel writes it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(64)), numbers => {
      const text = cpuList(numbers.map(number => ({ number })));
      const read = text.split(',').flatMap(part => {
        const [from, to] = part.split('-').map(Number);
        return part === '' ? [] : Array.from({ length: (to ?? from!) - from! + 1 }, (_, i) => from! + i);
      });
      expect(read).toEqual([...numbers].sort((a, b) => a - b));
    }),
  );
  expect(cpuList([0, 1, 2, 8, 10, 11].map(number => ({ number })))).toBe('0-2,8,10-11');
});
