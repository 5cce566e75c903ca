// Builds the /sys, /proc and /etc of a machine in a temporary folder. Only what the agent reads.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Fixture {
  readonly sys: string;
  readonly proc: string;
  readonly etc: string;
  /** Adds or replaces a file; the path is relative to the fixture. */
  write(file: string, text: string): void;
  remove(): void;
}

export function createFixture(): Fixture {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'murmur-machine-'));
  return {
    sys: path.join(root, 'sys'),
    proc: path.join(root, 'proc'),
    etc: path.join(root, 'etc'),
    write(file, text) {
      fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      fs.writeFileSync(path.join(root, file), `${text}\n`);
    },
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}

/** Two NUMA nodes with huge pages, four cards, three ports of which one is down, default route over eno1. */
export function createEdgeServer(): Fixture {
  const fixture = createFixture();
  addMemory(fixture);
  fixture.write('sys/devices/system/cpu/smt/active', '1');
  addPci(fixture, '0000:3b:00.0', { vendor: '0x8086', device: '0x37c8', class: '0x0b4000', node: 0, driver: 'c6xx' });
  addPci(fixture, '0000:5e:00.0', {
    vendor: '0x8086',
    device: '0x0d5c',
    class: '0x120001',
    node: 0,
    driver: 'vfio-pci',
  });
  addPci(fixture, '0000:af:00.0', { vendor: '0x10de', device: '0x1eb8', class: '0x030200', node: 1 });
  addPci(fixture, '0000:03:00.0', { vendor: '0x1a03', device: '0x2000', class: '0x030000', node: -1, driver: 'ast' });
  addPci(fixture, '0000:18:00.0', { vendor: '0x8086', device: '0x1593', class: '0x020000', node: 0, driver: 'ice' });
  addPci(fixture, '0000:18:00.1', { vendor: '0x8086', device: '0x1593', class: '0x020000', node: 0, driver: 'ice' });
  addPort(fixture, 'eno1', { address: '3C:EC:EF:00:00:01', state: 'up', speed: '25000', pci: '0000:18:00.0' });
  addPort(fixture, 'eno2', { address: '3c:ec:ef:00:00:02', state: 'down', speed: '-1', pci: '0000:18:00.1' });
  addPort(fixture, 'docker0', { address: '02:42:aa:bb:cc:dd', state: 'up', speed: '10000' });
  addPort(fixture, 'lo', { address: '00:00:00:00:00:00', state: 'unknown' });
  fixture.write('sys/class/net/bonding_masters', '');
  fixture.write('proc/net/route', ROUTES);
  fixture.write('etc/machine-id', '3d1219c7c4c5404aaa1f6d2a48adfda4');
  return fixture;
}

const ROUTES = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eno2\t00000000\t0102000A\t0003\t0\t0\t200\t00000000\t0\t0\t0
eno1\t00000000\t0101000A\t0003\t0\t0\t100\t00000000\t0\t0\t0`;

function addMemory(fixture: Fixture): void {
  for (const node of [0, 1]) {
    const folder = `sys/devices/system/node/node${node}`;
    const meminfo = `Node ${node} MemTotal:       134217728 kB\nNode ${node} MemFree:        ${node + 1}048576 kB`;
    fixture.write(`${folder}/meminfo`, meminfo);
    for (const [size, total, free] of [
      [1_048_576, 32, 30 + node],
      [2_048, 512, 500],
    ]) {
      fixture.write(`${folder}/hugepages/hugepages-${size}kB/nr_hugepages`, String(total));
      fixture.write(`${folder}/hugepages/hugepages-${size}kB/free_hugepages`, String(free));
    }
  }
}

interface Pci {
  readonly vendor: string;
  readonly device: string;
  readonly class: string;
  readonly node: number;
  readonly driver?: string;
}

function addPci(fixture: Fixture, address: string, pci: Pci): void {
  const folder = `sys/devices/pci0000:00/${address}`;
  for (const field of ['vendor', 'device', 'class'] as const) fixture.write(`${folder}/${field}`, pci[field]);
  fixture.write(`${folder}/numa_node`, String(pci.node));
  if (pci.driver) link(fixture, `devices/pci0000:00/${address}/driver`, `bus/pci/drivers/${pci.driver}`);
  link(fixture, `bus/pci/devices/${address}`, `devices/pci0000:00/${address}`);
}

interface PortFiles {
  readonly address: string;
  readonly state: string;
  readonly speed?: string;
  readonly pci?: string;
}

function addPort(fixture: Fixture, name: string, port: PortFiles): void {
  const folder = `sys/class/net/${name}`;
  fixture.write(`${folder}/address`, port.address);
  fixture.write(`${folder}/operstate`, port.state);
  fixture.write(`${folder}/mtu`, '1500');
  if (port.speed) fixture.write(`${folder}/speed`, port.speed);
  if (port.pci) link(fixture, `class/net/${name}/device`, `devices/pci0000:00/${port.pci}`);
}

/** Both relative to sys/. */
export function link(fixture: Fixture, from: string, to: string): void {
  const [source, target] = [path.join(fixture.sys, from), path.join(fixture.sys, to)];
  fs.mkdirSync(path.dirname(source), { recursive: true });
  fs.mkdirSync(target, { recursive: true });
  fs.symlinkSync(target, source);
}
