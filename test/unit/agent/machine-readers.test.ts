// The readers of /sys and /proc, on the tree of a made-up edge server and on machines that have less.
import { afterEach, describe, expect, test } from 'vitest';
import { readSmt } from '../../../agent/real/cpu-topology.ts';
import { classify, readDevices } from '../../../agent/real/devices.ts';
import { managementPort, readDefaultRoutePort, readIdentity } from '../../../agent/real/identity.ts';
import { readNumaMemory } from '../../../agent/real/numa-memory.ts';
import { readPorts } from '../../../agent/real/ports.ts';
import { createEdgeServer, createFixture, type Fixture } from './machine-fixture.ts';

const WHOLE = { totalMiB: 4_096, freeMiB: 1_024 };
const fixtures: Fixture[] = [];
const keep = (fixture: Fixture): Fixture => {
  fixtures.push(fixture);
  return fixture;
};
afterEach(() => {
  for (const fixture of fixtures.splice(0)) fixture.remove();
});

describe('memory', () => {
  test('each NUMA node tells its memory and its huge pages', async () => {
    const memory = await readNumaMemory(keep(createEdgeServer()).sys, WHOLE);
    expect(memory).toEqual([
      {
        node: 0,
        totalMiB: 131_072,
        freeMiB: 1_024,
        hugePages: [
          { pageSizeKiB: 2_048, total: 512, free: 500 },
          { pageSizeKiB: 1_048_576, total: 32, free: 30 },
        ],
      },
      {
        node: 1,
        totalMiB: 131_072,
        freeMiB: 2_000,
        hugePages: [
          { pageSizeKiB: 2_048, total: 512, free: 500 },
          { pageSizeKiB: 1_048_576, total: 32, free: 31 },
        ],
      },
    ]);
  });

  test('a machine without NUMA nodes has one node with the huge pages of the whole', async () => {
    const fixture = keep(createFixture());
    fixture.write('sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '16');
    fixture.write('sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages', '4');
    expect(await readNumaMemory(fixture.sys, WHOLE)).toEqual([
      { node: 0, ...WHOLE, hugePages: [{ pageSizeKiB: 2_048, total: 16, free: 4 }] },
    ]);
  });

  test('a single node that counts only a part of the memory is given the whole', async () => {
    const fixture = keep(createFixture());
    fixture.write('sys/devices/system/node/node0/meminfo', 'Node 0 MemTotal: 1048576 kB\nNode 0 MemFree: 524288 kB');
    expect(await readNumaMemory(fixture.sys, WHOLE)).toEqual([{ node: 0, ...WHOLE, hugePages: [] }]);
  });
});

describe('ports', () => {
  test('a port tells its driver, PCI address and speed; one that is down has no speed', async () => {
    const ports = await readPorts(keep(createEdgeServer()).sys);
    expect(ports.map(port => port.name)).toEqual(['docker0', 'eno1', 'eno2']);
    expect(ports[1]).toEqual({
      name: 'eno1',
      mac: '3c:ec:ef:00:00:01',
      driver: 'ice',
      pciAddress: '0000:18:00.0',
      speedMbps: 25_000,
      mtu: 1_500,
      up: true,
      duplex: null,
      autoNegotiation: null,
      numaNode: 0,
      vendorId: '8086',
      deviceId: '1593',
      sriov: null,
      lldpNeighbour: null,
      virtual: false,
    });
    expect(ports[2]).toMatchObject({ name: 'eno2', up: false, speedMbps: null, pciAddress: '0000:18:00.1' });
    expect(ports[0]).toMatchObject({ name: 'docker0', virtual: true, driver: null, pciAddress: null });
  });

  test('a driver that keeps no operational state is judged by its carrier', async () => {
    const fixture = keep(createFixture());
    fixture.write('sys/class/net/tun0/mtu', '1400');
    fixture.write('sys/class/net/tun0/operstate', 'unknown');
    fixture.write('sys/class/net/tun0/carrier', '1');
    expect(await readPorts(fixture.sys)).toMatchObject([{ name: 'tun0', up: true, mac: null }]);
  });
});

describe('devices', () => {
  test('cards for crypto, acceleration and graphics are found; a network card and a console screen are not', async () => {
    const devices = await readDevices(keep(createEdgeServer()).sys);
    expect(devices).toEqual([
      {
        pciAddress: '0000:3b:00.0',
        kind: 'CRYPTO',
        vendorId: '8086',
        deviceId: '37c8',
        name: 'Intel QAT C62x PF',
        driver: 'c6xx',
        numaNode: 0,
      },
      {
        pciAddress: '0000:5e:00.0',
        kind: 'ACCELERATOR',
        vendorId: '8086',
        deviceId: '0d5c',
        name: 'Intel vRAN Accelerator ACC100 PF',
        driver: 'vfio-pci',
        numaNode: 0,
      },
      {
        pciAddress: '0000:af:00.0',
        kind: 'GPU',
        vendorId: '10de',
        deviceId: '1eb8',
        name: 'NVIDIA T4',
        driver: null,
        numaNode: 1,
      },
    ]);
  });

  test.each([
    ['8086', '9999', '0b4000', 'CRYPTO'],
    ['1dd8', '1003', '120000', 'ACCELERATOR'],
    ['1002', '7408', '038000', 'GPU'],
    ['102b', '0536', '030000', null],
    ['8086', '1593', '020000', null],
  ])('%s:%s of class %s is %s', (vendor, device, classCode, kind) => {
    expect(classify(vendor, device, classCode)).toBe(kind);
  });
});

describe('identity', () => {
  test('the management port is that of the best default route', async () => {
    const { sys, proc, etc } = keep(createEdgeServer());
    const port = managementPort(await readPorts(sys), await readDefaultRoutePort(proc));
    expect(port?.name).toBe('eno1');
    expect(await readIdentity(etc, port?.mac ?? null, 'edge')).toBe('3c:ec:ef:00:00:01');
  });

  test('without a default route it is the first real port that is up', async () => {
    const ports = await readPorts(keep(createEdgeServer()).sys);
    expect(managementPort(ports, null)?.name).toBe('eno1');
  });

  test('without a port the machine id tells the machine, and without that its name', async () => {
    const { etc } = keep(createEdgeServer());
    expect(await readIdentity(etc, null, 'edge')).toBe('3d1219c7c4c5404aaa1f6d2a48adfda4');
    expect(await readIdentity('/nowhere', null, 'edge')).toBe('edge');
  });
});

test('a machine without /sys and /proc gives empty lists and no error', async () => {
  expect(await readPorts('/nowhere')).toEqual([]);
  expect(await readDevices('/nowhere')).toEqual([]);
  expect(await readDefaultRoutePort('/nowhere')).toBeNull();
  expect(await readNumaMemory('/nowhere', WHOLE)).toEqual([{ node: 0, ...WHOLE, hugePages: [] }]);
});

test('multithreading is what the kernel says, else what the counts say', async () => {
  expect(await readSmt(keep(createEdgeServer()).sys, false)).toBe(true);
  expect(await readSmt('/nowhere', true)).toBe(true);
  expect(await readSmt('/nowhere', false)).toBe(false);
});
