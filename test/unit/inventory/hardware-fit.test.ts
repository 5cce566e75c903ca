// What a host's hardware can do of a configuration: each refusal, and that nothing is ever accepted that does not fit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignedFunctions } from '../../../subgraphs/edge/inventory/profiles/cpu-fit.ts';
import { type FitHost, misfits } from '../../../subgraphs/edge/inventory/profiles/hardware-fit.ts';
import {
  NOTHING,
  type NodalConfiguration,
  NodalConfigurationChecks,
} from '../../../subgraphs/edge/inventory/profiles/nodal-configuration.ts';
import { aMachine, logicalCpus } from '../../support/machines.ts';

const HARDWARE = aMachine();
const HOST: FitHost = {
  hardware: HARDWARE,
  managementMac: HARDWARE.ports[0]!.mac!,
  rootDevice: '/dev/sda',
  storageInUse: [],
};

/** As it comes from the door: with everything that was left out filled in. */
const read = (configuration: object): NodalConfiguration => NodalConfigurationChecks.parse(configuration);
const pathsOf = (configuration: object, host: FitHost = HOST): string[] =>
  misfits(read(configuration), host).map(({ path }) => path.join('.'));
const saysOf = (configuration: object, host: FitHost = HOST): string[] =>
  misfits(read(configuration), host).map(({ message }) => message);
const faultsAt = (configuration: object): string[] =>
  NodalConfigurationChecks.safeParse(configuration).error?.issues.map(({ path }) => path.join('.')) ?? [];

const management = { name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', networks: ['mgmt'] };
const port = (name: string, more: object = {}) => ({ name, type: 'ETHERNET', ...more });
const sriov = port('ens1f0', { class: 'PCI_SRIOV', networks: ['data1'], vfCount: 8 });
const memory = (node: number, more: object = {}) => ({ node, platformReservedMiB: 4_096, ...more });

test('nothing fits every host', () => {
  expect(misfits(NOTHING, HOST)).toEqual([]);
});

describe('CPUs', () => {
  test('fit when no node gives away more cores than it has', () => {
    const cpu = [
      { node: 0, platform: 1, shared: 1, isolated: 2 },
      { node: 1, isolated: 3, application: 1 },
    ];
    expect(pathsOf({ cpu })).toEqual([]);
  });

  test.each([
    ['more isolated cores than node 1 has', { cpu: [{ node: 1, isolated: 5 }] }, ['cpu.0.isolated']],
    ['a sum that the node has not', { cpu: [{ node: 0, platform: 2, shared: 3 }] }, ['cpu.0.shared']],
    ['too few left for workloads', { cpu: [{ node: 0, platform: 2, application: 3 }] }, ['cpu.0.application']],
    ['a node that is not there', { cpu: [{ node: 2, platform: 1 }] }, ['cpu.0.node']],
    ['no core for the platform', { cpu: [{ node: 0, isolated: 1 }, { node: 1 }] }, ['cpu.0.platform']],
  ])('%s does not fit', (_, configuration, paths) => {
    expect(pathsOf(configuration)).toEqual(paths);
  });

  test('of a host whose agent does not tell them one by one do not fit', () => {
    const { logicalCpus: _, ...cpu } = HARDWARE.cpu;
    expect(pathsOf({ cpu: [{ node: 0, platform: 1 }] }, { ...HOST, hardware: { ...HARDWARE, cpu } })).toEqual([
      'cpu.0.node',
    ]);
  });

  test('are given away as whole cores: platform, shared, isolated, and the rest to workloads', () => {
    const functions = assignedFunctions(read({ cpu: [{ node: 1, platform: 1, isolated: 2 }] }).cpu, logicalCpus());
    expect(Object.fromEntries(functions)).toEqual({
      ...{ 4: 'PLATFORM', 12: 'PLATFORM' },
      ...{
        5: 'APPLICATION_ISOLATED',
        13: 'APPLICATION_ISOLATED',
        6: 'APPLICATION_ISOLATED',
        14: 'APPLICATION_ISOLATED',
      },
      ...{ 7: 'APPLICATION', 15: 'APPLICATION' },
    });
  });
});

describe('memory', () => {
  test('fits to the last page', () => {
    expect(pathsOf({ memory: [memory(0, { hugePages1G: 60 })] })).toEqual([]);
    expect(pathsOf({ memory: [memory(1, { hugePages1G: 59, hugePages2M: 512 })] })).toEqual([]);
  });

  test.each([
    ['1 GiB pages beyond what the platform leaves', memory(0, { hugePages1G: 61 }), 'hugePages1G'],
    ['2 MiB pages beyond what the 1 GiB pages leave', memory(0, { hugePages1G: 60, hugePages2M: 1 }), 'hugePages2M'],
    ['a reserve beyond the memory', { node: 0, platformReservedMiB: 65_537 }, 'platformReservedMiB'],
    ['less than the platform needs', { node: 0, platformReservedMiB: 2_999 }, 'platformReservedMiB'],
    ['a node that is not there', memory(7), 'node'],
  ])('%s does not fit', (_, assignment, field) => {
    expect(pathsOf({ memory: [assignment] })).toEqual([`memory.0.${field}`]);
  });

  test('all that does not fit is told at once', () => {
    const wanted = { node: 0, platformReservedMiB: 100, hugePages1G: 200, hugePages2M: 99_999 };
    expect(pathsOf({ memory: [wanted] })).toEqual([
      'memory.0.platformReservedMiB',
      'memory.0.hugePages1G',
      'memory.0.hugePages2M',
    ]);
  });

  test('the refusal says how many would fit', () => {
    expect(saysOf({ memory: [memory(0, { hugePages1G: 61 })] })).toEqual([
      'Node 0 has 61440 MiB left, room for 60 pages of 1 GiB, not 61.',
    ]);
  });

  test('pages of a size that the machine does not have do not fit', () => {
    const hardware = { ...HARDWARE, memory: HARDWARE.memory.map(node => ({ ...node, hugePages: [] })) };
    expect(pathsOf({ memory: [memory(0, { hugePages1G: 1 })] }, { ...HOST, hardware })).toEqual([
      'memory.0.hugePages1G',
    ]);
  });
});

describe('interfaces', () => {
  test('of every kind fit together', () => {
    const interfaces = [
      management,
      sriov,
      { name: 'vf0', type: 'VF', class: 'PCI_SRIOV', uses: ['ens1f0'], vfCount: 4, networks: ['data1'] },
      port('data0', { port: 'ens1f1', class: 'DATA', networks: ['data2'], mtu: 9_000 }),
      { name: 'vlan100', type: 'VLAN', class: 'DATA', uses: ['data0'], vlanId: 100, networks: ['data3'], mtu: 9_000 },
    ];
    expect(faultsAt({ interfaces })).toEqual([]);
    expect(pathsOf({ interfaces })).toEqual([]);
  });

  test('management may run over a VLAN on a bond', () => {
    const bonded = [
      port('eno1'),
      port('ens1f0'),
      { name: 'bond0', type: 'AE', bondMode: 'LACP', uses: ['eno1', 'ens1f0'] },
      { name: 'mgmt0', type: 'VLAN', class: 'PLATFORM', uses: ['bond0'], vlanId: 10, networks: ['mgmt'] },
    ];
    expect(pathsOf({ interfaces: bonded })).toEqual([]);
  });

  test.each([
    ['a port that is not there', [management, port('eno9')], ['interfaces.1.name']],
    ['a port that is used twice', [management, port('again', { port: 'eno1' })], ['interfaces.1.port']],
    [
      'SR-IOV on a port without VFs',
      [{ ...management, class: 'PCI_SRIOV', vfCount: 1, networks: [] }, port('ens1f0')],
      ['interfaces.0.class', 'interfaces.0.class'],
    ],
    ['more VFs than the card has', [management, { ...sriov, vfCount: 65 }], ['interfaces.1.vfCount']],
    ['leaving out the management port', [port('ens1f0')], ['interfaces']],
    [
      'taking the management port away',
      [{ ...management, class: 'DATA', networks: ['data1'] }],
      ['interfaces.0.class'],
    ],
  ])('%s does not fit', (_, interfaces, paths) => {
    expect(pathsOf({ interfaces })).toEqual(paths);
  });

  const bond = { name: 'bond0', type: 'AE', bondMode: 'LACP', uses: ['a', 'b'] };
  test.each([
    [
      'a bond member in use by a VLAN',
      [port('a'), port('b'), bond, { name: 'v', type: 'VLAN', vlanId: 1, uses: ['a'] }],
      '2.uses.0',
    ],
    ['a bond member of a class', [port('a', { class: 'DATA', networks: ['x'] }), port('b'), bond], '2.uses.0'],
    ['a bond of one', [port('a'), { ...bond, uses: ['a'] }], '1.uses'],
    ['a bond without a mode', [port('a'), port('b'), { name: 'bond0', type: 'AE', uses: ['a', 'b'] }], '2.bondMode'],
    ['a VLAN on what is not there', [{ name: 'v', type: 'VLAN', vlanId: 1, uses: ['a'] }], '0.uses.0'],
    ['a VLAN without an id', [port('a'), { name: 'v', type: 'VLAN', uses: ['a'] }], '1.vlanId'],
    [
      'a VLAN wider than its port',
      [port('a'), { name: 'v', type: 'VLAN', vlanId: 1, uses: ['a'], mtu: 9_000 }],
      '1.mtu',
    ],
    ['VLAN id 4095', [port('a'), { name: 'v', type: 'VLAN', vlanId: 4_095, uses: ['a'] }], '1.vlanId'],
    [
      'a VF interface on a port without VFs',
      [port('a'), { name: 'v', type: 'VF', uses: ['a'], vfCount: 1 }],
      '1.uses.0',
    ],
    [
      'more VFs given away than made',
      [port('a', { class: 'PCI_SRIOV', vfCount: 2 }), { name: 'v', type: 'VF', uses: ['a'], vfCount: 3 }],
      '1.vfCount',
    ],
    [
      'one VLAN id twice on a port',
      [port('a'), ...['v', 'w'].map(name => ({ name, type: 'VLAN', vlanId: 7, uses: ['a'] }))],
      '2.vlanId',
    ],
    [
      'a VLAN on a port that is passed through',
      [port('a', { class: 'PCI_PASSTHROUGH' }), { name: 'v', type: 'VLAN', vlanId: 7, uses: ['a'] }],
      '1.uses.0',
    ],
    ['a name twice', [port('a'), port('a')], '1.name'],
    ['a platform network for data', [port('a', { class: 'DATA', networks: ['oam'] })], '0.networks'],
    ['a platform interface without a network', [port('a', { class: 'PLATFORM' })], '0.networks'],
    ['a bond passed through to a guest', [port('a'), port('b'), { ...bond, class: 'PCI_PASSTHROUGH' }], '2.class'],
  ])('%s is refused before any host is known', (_, interfaces, path) => {
    expect(faultsAt({ interfaces })).toContain(`interfaces.${path}`);
  });
});

describe('disks', () => {
  const partition = (disk: string, sizeMiB: number, name = 'data') => ({ disk, name, sizeMiB });

  test('have room for partitions, or not', () => {
    expect(pathsOf({ partitions: [partition('/dev/sda', 851_467)] })).toEqual([]); // all but the first and the table
    expect(pathsOf({ partitions: [partition('/dev/sda', 851_468)] })).toEqual(['partitions.0.sizeMiB']);
    const two = [partition('/dev/nvme0n1', 60_000), partition('/dev/nvme0n1', 60_000, 'more')];
    expect(pathsOf({ partitions: two })).toEqual(['partitions.1.sizeMiB']);
    expect(pathsOf({ partitions: [partition('/dev/sdz', 1)] })).toEqual(['partitions.0.disk']);
  });

  test('a partition that is there already fits again, and does not with another size', () => {
    expect(pathsOf({ partitions: [partition('/dev/sda', 102_400, 'cgts-vg')] })).toEqual([]);
    expect(pathsOf({ partitions: [partition('/dev/sda', 102_401, 'cgts-vg')] })).toEqual(['partitions.0.sizeMiB']);
  });

  test('are given to storage as a whole, with journals on a fast one', () => {
    const storage = [
      { disk: '/dev/sdb', function: 'OSD', journal: '/dev/nvme0n1' },
      { disk: '/dev/nvme0n1', function: 'JOURNAL' },
    ];
    expect(pathsOf({ storage })).toEqual([]);
  });

  const OSD = { disk: '/dev/sdb', function: 'OSD' };
  test.each([
    ['the root disk', [{ ...OSD, disk: '/dev/sda' }], ['storage.0.disk']],
    ['a disk that is not there', [{ ...OSD, disk: '/dev/sdz' }], ['storage.0.disk']],
    ['a journal on a turning disk', [{ disk: '/dev/sdb', function: 'JOURNAL' }], ['storage.0.disk']],
  ])('%s is not given away', (_, storage, paths) => {
    expect(pathsOf({ storage })).toEqual(paths);
  });

  test('a disk in a volume group, with partitions, or of which nobody knows what is on it is not given away', () => {
    const without = (change: object): FitHost => ({
      ...HOST,
      hardware: {
        ...HARDWARE,
        disks: HARDWARE.disks.map(d => (d.deviceNode === '/dev/sdb' ? { ...d, ...change } : d)),
      },
    });
    const volumeGroups = [{ ...HARDWARE.volumeGroups![0]!, physicalVolumes: [{ name: '/dev/sdb', sizeMiB: 1 }] }];
    const inGroup = { ...HOST, hardware: { ...HARDWARE, volumeGroups } };
    const part = [{ deviceNode: '/dev/sdb1', startMiB: 1, sizeMiB: 1 }];
    for (const host of [inGroup, without({ partitions: part }), without({ partitions: null })])
      expect(pathsOf({ storage: [OSD] }, host)).toEqual(['storage.0.disk']);
    const inUse: FitHost = { ...without({ partitions: part }), storageInUse: read({ storage: [OSD] }).storage };
    expect(pathsOf({ storage: [OSD] }, inUse)).toEqual([]);
  });

  test('an only disk is the root disk, and so is the one that installation was told', () => {
    const disks = HARDWARE.disks.map(d => ({ ...d, holdsRoot: null }));
    const silent = { ...HOST, hardware: { ...HARDWARE, disks } };
    expect(pathsOf({ storage: [OSD] }, { ...silent, rootDevice: '/dev/sdb' })).toEqual(['storage.0.disk']);
    const only = { ...silent, hardware: { ...HARDWARE, disks: [disks[1]!] }, rootDevice: null };
    expect(pathsOf({ storage: [OSD] }, only)).toEqual(['storage.0.disk']);
  });

  test('journals of more OSDs than the disk holds do not fit', () => {
    const hardware = {
      ...HARDWARE,
      disks: HARDWARE.disks.map(d => (d.kind === 'NVME' ? { ...d, sizeMiB: 1_023 } : d)),
    };
    const storage = [
      { ...OSD, journal: '/dev/nvme0n1' },
      { disk: '/dev/nvme0n1', function: 'JOURNAL' },
    ];
    expect(pathsOf({ storage }, { ...HOST, hardware })).toEqual(['storage.1.disk']);
  });

  test.each([
    ['an OSD whose journal is no journal', { storage: [{ ...OSD, journal: '/dev/sdc' }] }, 'storage.0.journal'],
    [
      'a journal of a journal',
      { storage: [{ disk: '/dev/sdc', function: 'JOURNAL', journal: '/dev/sdc' }] },
      'storage.0.journal',
    ],
    ['a disk twice', { storage: [OSD, OSD] }, 'storage.1.disk'],
    [
      'partitions on a disk of storage',
      { storage: [OSD], partitions: [partition('/dev/sdb', 1)] },
      'partitions.0.disk',
    ],
    ['a node that is no device', { storage: [{ ...OSD, disk: 'sdb' }] }, 'storage.0.disk'],
  ])('%s is refused before any host is known', (_, configuration, path) => {
    expect(faultsAt(configuration)).toContain(path);
  });
});

/** Counted anew, from the words of the model: what is accepted must be there. */
function overcommitments(configuration: NodalConfiguration, { hardware, managementMac }: FitHost): string[] {
  const found: string[] = [];
  for (const { node, platform, shared, isolated, application } of configuration.cpu) {
    const cpus = hardware.cpu.logicalCpus!.filter(cpu => cpu.numaNode === node);
    const cores = new Set(cpus.map(cpu => `${cpu.socket} ${cpu.core}`)).size;
    if (platform + shared + isolated + (application ?? 0) > cores) found.push(`cores of ${node}`);
  }
  for (const { node, platformReservedMiB, hugePages2M, hugePages1G } of configuration.memory) {
    const total = hardware.memory.find(there => there.node === node)?.totalMiB ?? 0;
    if (platformReservedMiB + 2 * hugePages2M + 1_024 * hugePages1G > total) found.push(`memory of ${node}`);
  }
  for (const each of configuration.interfaces.filter(({ type }) => type === 'ETHERNET')) {
    const there = hardware.ports.find(({ name }) => name === (each.port ?? each.name));
    if (!there) found.push(`port of ${each.name}`);
    if ((each.class === 'PCI_SRIOV' ? each.vfCount! : 0) > (there?.sriov?.totalVfs ?? 0))
      found.push(`VFs of ${each.name}`);
    if (there?.mac === managementMac && each.class === 'PCI_PASSTHROUGH') found.push('the way to the host');
  }
  for (const disk of hardware.disks) {
    const wanted = configuration.partitions.filter(p => p.disk === disk.deviceNode);
    const there = disk.partitions!.filter(p => wanted.every(({ name }) => name !== p.name));
    const sum = [...wanted, ...there].reduce((total, { sizeMiB }) => total + sizeMiB, 0);
    if (wanted.length > 0 && sum > disk.sizeMiB) found.push(`size of ${disk.deviceNode}`);
    if (disk.holdsRoot && configuration.storage.some(s => s.disk === disk.deviceNode)) found.push('root disk');
  }
  return found;
}

test('nothing is accepted that does not fit', () => {
  const upTo = (max: number) => fc.oneof(fc.constant(0), fc.nat(max));
  const node = fc.constantFrom(0, 1, 2);
  const name = fc.constantFrom('eno1', 'ens1f0', 'ens1f1', 'eno9');
  const disk = fc.constantFrom('/dev/sda', '/dev/sdb', '/dev/nvme0n1', '/dev/sdz');
  const ethernet = fc.oneof(
    fc.record({ name, type: fc.constant('ETHERNET'), class: fc.constantFrom('NONE', 'PCI_PASSTHROUGH') }),
    fc.record({
      name,
      type: fc.constant('ETHERNET'),
      class: fc.constant('PCI_SRIOV'),
      vfCount: fc.integer({ min: 1, max: 80 }),
    }),
  );
  const configuration = fc.record({
    cpu: fc.uniqueArray(
      fc.record({ node, platform: upTo(3), shared: upTo(3), isolated: upTo(4), application: upTo(4) }),
      {
        selector: c => c.node,
        maxLength: 2,
      },
    ),
    memory: fc.uniqueArray(
      fc.record({
        node,
        platformReservedMiB: fc.integer({ min: 2_900, max: 66_000 }),
        hugePages2M: upTo(40_000),
        hugePages1G: upTo(70),
      }),
      { selector: m => m.node, maxLength: 2 },
    ),
    interfaces: fc
      .uniqueArray(ethernet, { selector: i => i.name, maxLength: 3 })
      .map(list => (list.some(({ name: own }) => own === 'eno1') || list.length === 0 ? list : [management, ...list])),
    partitions: fc.uniqueArray(
      fc.record({ disk, name: fc.constantFrom('a', 'b', 'cgts-vg'), sizeMiB: fc.integer({ min: 1, max: 900_000 }) }),
      { selector: p => `${p.disk} ${p.name}`, maxLength: 3 },
    ),
    storage: fc.uniqueArray(fc.record({ disk, function: fc.constantFrom('OSD', 'JOURNAL', 'NOVA_LOCAL') }), {
      selector: s => s.disk,
      maxLength: 1,
    }),
  });
  let accepted = 0;
  fc.assert(
    fc.property(configuration, wanted => {
      const parsed = NodalConfigurationChecks.safeParse(wanted);
      if (!parsed.success || misfits(parsed.data, HOST).length > 0) return;
      accepted++;
      expect(overcommitments(parsed.data, HOST)).toEqual([]);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(30);
});
