// Network ports, physical and virtual, from /sys/class/net, with what ethtool and lldpd add where they are installed.
// Leaves out the loopback.
import path from 'node:path';
import type { Config } from '../../runtime/config.ts';
import { graphqlInt } from '../graphql-int.ts';
import type { Duplex, PortCheck, PortReport, SriovReport } from '../report.ts';
import { listNames, readNumber, readText, resolveLink } from './files.ts';
import { pciAddressBehind, readPciId } from './pci-address.ts';
import { outputOf } from './program.ts';

export interface MachinePort extends PortReport {
  /** Made by the kernel: a bridge, a veth, a tunnel. */
  readonly virtual: boolean;
}

/** `sys` is `/sys`. */
export async function readPorts(sys: string): Promise<MachinePort[]> {
  const names = (await listNames(sys, 'class/net')).filter(name => name !== 'lo');
  const ports = await Promise.all(names.map(name => readPort(sys, name)));
  return ports.filter(port => port !== null);
}

/** How the ports are that are watched; one that the machine does not have is down. `sys` is `/sys`. */
export const checkPorts = (watched: Config['agent']['watch']['ports'], sys: string): Promise<PortCheck[]> =>
  Promise.all(
    watched.map(async ({ name, network, interface: of = null }) => ({
      name,
      network,
      interface: of,
      up: await isUp(path.join(sys, 'class/net', name)),
    })),
  );

async function readPort(sys: string, name: string): Promise<MachinePort | null> {
  const folder = path.join(sys, 'class/net', name);
  const mtu = await readNumber(folder, 'mtu');
  if (mtu === null) return null; // `bonding_masters` and its like are files among the ports
  const device = path.join(folder, 'device');
  const driver = await resolveLink(device, 'driver');
  const speed = await readNumber(folder, 'speed');
  const node = await readNumber(device, 'numa_node');
  const pciAddress = await pciAddressBehind(device);
  const card = pciAddress === null ? null : path.join(sys, 'bus/pci/devices', pciAddress); // a virtio port's own ids are virtio's
  return {
    name,
    mac: usableMac((await readText(folder, 'bonding_slave/perm_hwaddr')) ?? (await readText(folder, 'address'))),
    driver: driver === null ? null : path.basename(driver),
    pciAddress,
    speedMbps: speed !== null && speed > 0 ? graphqlInt(speed) : null, // -1 and 0 say "unknown"
    mtu: graphqlInt(mtu),
    up: await isUp(folder),
    duplex: DUPLEX[(await readText(folder, 'duplex')) ?? ''] ?? null,
    autoNegotiation: null,
    numaNode: node === null || node < 0 ? null : graphqlInt(node), // -1: the machine does not say
    vendorId: card === null ? null : await readPciId(card, 'vendor'),
    deviceId: card === null ? null : await readPciId(card, 'device'),
    sriov: await readSriov(device),
    lldpNeighbour: null,
    virtual: (await resolveLink(device)) === null,
  };
}

const DUPLEX: Readonly<Record<string, Duplex>> = { full: 'FULL', half: 'HALF' };

/** `device` is the port's link to what it hangs on. */
async function readSriov(device: string): Promise<SriovReport | null> {
  const totalVfs = await readNumber(device, 'sriov_totalvfs');
  if (totalVfs === null || totalVfs <= 0) return null;
  const driver = await resolveLink(device, 'virtfn0/driver');
  return {
    totalVfs: graphqlInt(totalVfs),
    configuredVfs: graphqlInt((await readNumber(device, 'sriov_numvfs')) ?? 0),
    driver: driver === null ? null : path.basename(driver),
  };
}

/** No file tells whether a port negotiates. Null without ethtool, and for ports that do not say. */
export async function readAutoNegotiation(name: string): Promise<boolean | null> {
  return toAutoNegotiation(await outputOf('ethtool', name));
}

export function toAutoNegotiation(output: string | null): boolean | null {
  const said = output?.match(/^\s*Auto-negotiation:\s*(on|off)\s*$/m)?.[1];
  return said === undefined ? null : said === 'on';
}

/** Drivers that do not keep an operational state say `unknown`; their carrier tells then. */
async function isUp(folder: string): Promise<boolean> {
  const state = await readText(folder, 'operstate');
  if (state !== 'unknown') return state === 'up';
  return (await readNumber(folder, 'carrier')) === 1;
}

/** Lower case; null for what is no Ethernet address or all zeros. */
export function usableMac(text: string | null): string | null {
  const mac = text?.toLowerCase() ?? '';
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) && mac !== '00:00:00:00:00:00' ? mac : null;
}
