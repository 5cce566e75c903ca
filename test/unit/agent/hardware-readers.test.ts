// The readers of CPUs, bonds, VLANs, virtual functions, partitions and sensors, on made-up trees; what lldpd and LVM
// write; and the very machine that the tests run on.
import os from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import { readCpuList } from '../../../agent/real/cpu-list.ts';
import { readLogicalCpus } from '../../../agent/real/cpu-topology.ts';
import { readInterfaces } from '../../../agent/real/interfaces.ts';
import { toNeighbours } from '../../../agent/real/lldp.ts';
import { toVolumeGroups } from '../../../agent/real/lvm.ts';
import { readMountPoints, readPartitions, readRootDisks } from '../../../agent/real/partitions.ts';
import { readPorts, toAutoNegotiation } from '../../../agent/real/ports.ts';
import { outputOf } from '../../../agent/real/program.ts';
import { createRealSource } from '../../../agent/real/real-source.ts';
import { readSensors } from '../../../agent/real/sensors.ts';
import { createEdgeServer, createFixture, type Fixture, link } from './machine-fixture.ts';
import { problemsOfInput, readSdl } from './sdl-input.ts';

const fixtures: Fixture[] = [];
const keep = (fixture: Fixture): Fixture => {
  fixtures.push(fixture);
  return fixture;
};
afterEach(() => {
  for (const fixture of fixtures.splice(0)) fixture.remove();
});

test.each([
  ['0-3,8', [0, 1, 2, 3, 8]],
  ['5', [5]],
  ['', []],
  [null, []],
  ['3-1,x', []],
])('the CPU list %o is %o', (text, numbers) => {
  expect(readCpuList(text)).toEqual(numbers);
});

test('each logical CPU tells its socket, core, thread and NUMA node, and which are isolated', async () => {
  const fixture = keep(createFixture());
  const cpu = 'sys/devices/system/cpu';
  fixture.write(`${cpu}/online`, '0-3');
  fixture.write(`${cpu}/isolated`, '1,3');
  for (const [number, core, siblings, node] of [
    [0, 0, '0,2', 0],
    [1, 0, '1,3', 1],
    [2, 0, '0,2', 0],
    [3, 0, '1,3', 1],
  ] as const) {
    fixture.write(`${cpu}/cpu${number}/topology/physical_package_id`, String(node));
    fixture.write(`${cpu}/cpu${number}/topology/core_id`, String(core));
    fixture.write(`${cpu}/cpu${number}/topology/thread_siblings_list`, siblings);
    fixture.write(`${cpu}/cpu${number}/node${node}/cpulist`, '');
  }
  expect(await readLogicalCpus(fixture.sys)).toEqual([
    { number: 0, socket: 0, core: 0, thread: 0, numaNode: 0, function: null },
    { number: 1, socket: 1, core: 0, thread: 0, numaNode: 1, function: 'APPLICATION_ISOLATED' },
    { number: 2, socket: 0, core: 0, thread: 1, numaNode: 0, function: null },
    { number: 3, socket: 1, core: 0, thread: 1, numaNode: 1, function: 'APPLICATION_ISOLATED' },
  ]);
});

/** Two ports in an LACP bond, a VLAN on it, and a virtual function of the first port. */
function createBondedServer(): Fixture {
  const fixture = keep(createEdgeServer());
  const net = 'sys/class/net';
  const card = 'sys/devices/pci0000:00/0000:18:00.0';
  fixture.write(`${card}/sriov_totalvfs`, '64');
  fixture.write(`${card}/sriov_numvfs`, '4');
  link(fixture, 'devices/pci0000:00/0000:18:00.0/virtfn0', 'devices/pci0000:00/0000:18:02.0');
  link(fixture, 'devices/pci0000:00/0000:18:02.0/driver', 'bus/pci/drivers/iavf');
  link(fixture, 'devices/pci0000:00/0000:18:02.0/physfn', 'devices/pci0000:00/0000:18:00.0');
  for (const [name, mac] of [
    ['bond0', '3c:ec:ef:00:00:01'],
    ['bond0.157', '3c:ec:ef:00:00:01'],
    ['eno1v0', '5a:00:00:00:00:01'],
  ] as const) {
    fixture.write(`${net}/${name}/address`, mac);
    fixture.write(`${net}/${name}/mtu`, '9000');
    fixture.write(`${net}/${name}/operstate`, 'up');
  }
  link(fixture, 'class/net/eno1v0/device', 'devices/pci0000:00/0000:18:02.0');
  fixture.write(`${net}/bond0/bonding/mode`, '802.3ad 4');
  for (const port of ['eno1', 'eno2']) {
    link(fixture, `class/net/bond0/lower_${port}`, `class/net/${port}`);
    link(fixture, `class/net/${port}/upper_bond0`, 'class/net/bond0');
  }
  fixture.write(`${net}/eno2/bonding_slave/perm_hwaddr`, '3c:ec:ef:00:00:02');
  fixture.write(`${net}/eno2/address`, '3c:ec:ef:00:00:01'); // a bond gives its address to all its members
  fixture.write(`${net}/eno1/duplex`, 'full');
  link(fixture, 'class/net/bond0.157/lower_bond0', 'class/net/bond0');
  fixture.write('proc/net/vlan/config', 'VLAN Dev name\t | VLAN ID\nName-Type: …\nbond0.157      | 157  | bond0');
  return fixture;
}

describe('a bonded server', () => {
  test('tells what stands on what', async () => {
    const fixture = createBondedServer();
    const ports = await readPorts(fixture.sys);
    const addresses = (name: string) => (name === 'bond0.157' ? ['10.0.0.7/24'] : []);
    const interfaces = await readInterfaces(fixture, ports, addresses);
    expect(interfaces.map(({ name, type, uses, usedBy }) => [name, type, uses, usedBy])).toEqual([
      ['bond0', 'AE', ['eno1', 'eno2'], []],
      ['bond0.157', 'VLAN', ['bond0'], []],
      ['docker0', 'VIRTUAL', [], []],
      ['eno1', 'ETHERNET', [], ['bond0']],
      ['eno1v0', 'VF', [], []],
      ['eno2', 'ETHERNET', [], ['bond0']],
    ]);
    expect(interfaces[0]).toMatchObject({ bondMode: 'LACP', vlanId: null, mtu: 9_000 });
    expect(interfaces[1]).toMatchObject({ bondMode: null, vlanId: 157, addresses: ['10.0.0.7/24'] });
  });

  test("tells a member's own MAC address, not the bond's, and its virtual functions", async () => {
    const ports = await readPorts(createBondedServer().sys);
    expect(ports.find(({ name }) => name === 'eno2')).toMatchObject({ mac: '3c:ec:ef:00:00:02', sriov: null });
    expect(ports.find(({ name }) => name === 'eno1')).toMatchObject({
      sriov: { totalVfs: 64, configuredVfs: 4, driver: 'iavf' },
      duplex: 'FULL',
      vendorId: '8086',
      deviceId: '1593',
      numaNode: 0,
    });
  });
});

test('ethtool tells whether a port negotiates', () => {
  expect(toAutoNegotiation('Settings for eno1:\n\tSpeed: 25000Mb/s\n\tAuto-negotiation: on\n')).toBe(true);
  expect(toAutoNegotiation('\tAuto-negotiation: off')).toBe(false);
  expect(toAutoNegotiation('Settings for eno1:\n\tLink detected: yes')).toBeNull();
  expect(toAutoNegotiation(null)).toBeNull();
});

test('lldpd tells the neighbours; of several on one port the first', () => {
  const neighbour = (port: string) => ({
    name: 'eno1',
    chassis: [{ id: [{ type: 'mac', value: '02:1f:00:00:00:01' }], name: [{ value: 'leaf-1' }] }],
    port: [{ id: [{ type: 'ifname', value: port }], descr: [{ value: 'to edge' }] }],
  });
  const json = { lldp: [{ interface: [neighbour('Ethernet7'), neighbour('Ethernet8'), { name: 'eno2' }] }] };
  expect([...toNeighbours(json)]).toEqual([
    ['eno1', { chassis: '02:1f:00:00:00:01', port: 'Ethernet7', systemName: 'leaf-1' }],
  ]);
  for (const nothing of [null, {}, { lldp: [{}] }, { lldp: 'x' }]) expect(toNeighbours(nothing).size).toBe(0);
});

test('LVM tells its groups with their volumes', () => {
  const answers = {
    groups: { report: [{ vg: [{ vg_name: 'cgts-vg', vg_size: '107374182400', vg_free: '53687091200' }] }] },
    physical: { report: [{ pv: [{ pv_name: '/dev/sda4', vg_name: 'cgts-vg', pv_size: '107374182400' }] }] },
    logical: {
      report: [
        {
          lv: [
            { lv_name: 'docker-lv', vg_name: 'cgts-vg', lv_size: '32212254720' },
            { lv_name: 'other', vg_name: 'else', lv_size: '1' },
          ],
        },
      ],
    },
  };
  expect(toVolumeGroups(answers)).toEqual([
    {
      name: 'cgts-vg',
      sizeMiB: 102_400,
      freeMiB: 51_200,
      physicalVolumes: [{ name: '/dev/sda4', sizeMiB: 102_400 }],
      logicalVolumes: [{ name: 'docker-lv', sizeMiB: 30_720 }],
    },
  ]);
  expect(toVolumeGroups({ groups: null, physical: null, logical: 'nonsense' })).toEqual([]);
});

test('a program that is not installed, or fails, tells nothing', async () => {
  expect(await outputOf('murmur-no-such-program')).toBeNull();
  expect(await outputOf('false')).toBeNull();
});

test('partitions tell their size, name and mount directory', async () => {
  const fixture = keep(createFixture());
  fixture.write('sys/block/sda/sda1/partition', '1');
  fixture.write('sys/block/sda/sda1/start', '2048');
  fixture.write('sys/block/sda/sda1/size', String(2_048 * 512));
  fixture.write('sys/block/sda/sda1/uevent', 'DEVTYPE=partition\nPARTNAME=EFI System');
  fixture.write('sys/block/sda/sda2/size', '1'); // no `partition` file: something else
  fixture.write(
    'proc/mounts',
    '/dev/sda1 /boot/efi vfat rw 0 0\n/dev/sda1 /mnt/again vfat rw 0 0\nproc /proc proc rw 0 0',
  );
  expect(await readPartitions(fixture.sys, 'sda', await readMountPoints(fixture.proc))).toEqual([
    { deviceNode: '/dev/sda1', startMiB: 1, sizeMiB: 512, name: 'EFI System', mountPoint: '/boot/efi' },
  ]);
});

describe('the disk of the root file system is found', () => {
  const mounted = (fixture: Fixture, device: string) =>
    fixture.write('proc/self/mountinfo', `22 1 0:5 / /proc rw - proc\n27 1 ${device} / / rw - ext4 /dev/x rw`);

  test('behind a partition', async () => {
    const fixture = keep(createFixture());
    mounted(fixture, '8:2');
    fixture.write('sys/devices/sda/sda2/partition', '2');
    link(fixture, 'dev/block/8:2', 'devices/sda/sda2');
    expect(await readRootDisks(fixture.sys, fixture.proc)).toEqual(new Set(['sda']));
  });

  test('behind LVM over two disks', async () => {
    const fixture = keep(createFixture());
    mounted(fixture, '253:0');
    fixture.write('sys/devices/sda/sda4/partition', '4');
    link(fixture, 'devices/dm-0/slaves/sda4', 'devices/sda/sda4');
    link(fixture, 'devices/dm-0/slaves/nvme0n1', 'devices/nvme0n1');
    link(fixture, 'dev/block/253:0', 'devices/dm-0');
    expect(await readRootDisks(fixture.sys, fixture.proc)).toEqual(new Set(['sda', 'nvme0n1']));
  });

  test('unless there is none, as in a container', async () => {
    const fixture = keep(createFixture());
    mounted(fixture, '0:51');
    expect(await readRootDisks(fixture.sys, fixture.proc)).toBeNull();
  });
});

test('sensors tell their readings in common units', async () => {
  const fixture = keep(createFixture());
  const chip = 'sys/class/hwmon/hwmon0';
  fixture.write(`${chip}/name`, 'coretemp');
  fixture.write(`${chip}/temp1_input`, '54500');
  fixture.write(`${chip}/temp1_label`, 'Package id 0');
  fixture.write(`${chip}/temp1_max`, '90000');
  fixture.write(`${chip}/fan2_input`, '8400');
  fixture.write(`${chip}/power1_average`, '142000000');
  fixture.write(`${chip}/humidity1_input`, '3');
  expect(await readSensors(fixture.sys)).toEqual([
    { name: 'coretemp fan2', kind: 'FAN', value: 8_400 },
    { name: 'coretemp power1', kind: 'POWER', value: 142 },
    { name: 'coretemp Package id 0', kind: 'TEMPERATURE', value: 54.5 },
  ]);
});

test.runIf(os.platform() === 'linux')('this machine tells sane facts of itself', async () => {
  const [host] = await createRealSource({
    personality: 'WORKER',
    now: Date.now,
    watch: { processes: [], ports: [] },
  }).discover();
  expect(problemsOfInput(readSdl('inventory'), 'ReportHostInput', host)).toEqual([]);
  const { cpu, memory, ports, interfaces, disks } = host!;
  const nodes = memory.map(({ node }) => node);
  expect(cpu.logicalCpus.length).toBeGreaterThan(0);
  expect(new Set(cpu.logicalCpus.map(({ number }) => number)).size).toBe(cpu.logicalCpus.length);
  for (const { numaNode, thread } of cpu.logicalCpus) {
    expect([...nodes, null]).toContain(numaNode);
    expect(thread).toBeLessThan(8);
  }
  expect(interfaces.map(({ name }) => name)).toEqual(ports.map(({ name }) => name));
  const own = Object.values(os.networkInterfaces()).flatMap(list => list ?? []);
  for (const { addresses } of interfaces)
    for (const address of addresses) expect(own.map(({ cidr }) => cidr)).toContain(address);
  for (const { sizeMiB, partitions } of disks) {
    const parts = partitions.reduce((sum, partition) => sum + partition.sizeMiB, 0);
    expect(parts).toBeLessThanOrEqual(sizeMiB);
  }
});
