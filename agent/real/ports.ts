// Network ports, physical and virtual, from /sys/class/net. Leaves out the loopback.
import path from 'node:path';
import type { Config } from '../../runtime/config.ts';
import { graphqlInt } from '../graphql-int.ts';
import type { PortCheck, PortReport } from '../report.ts';
import { listNames, readNumber, readText, resolveLink } from './files.ts';
import { pciAddressBehind } from './pci-address.ts';

export interface MachinePort extends PortReport {
  /** Made by the kernel: a bridge, a veth, a tunnel. */
  readonly virtual: boolean;
}

/** `sys` is `/sys`. */
export async function readPorts(sys: string): Promise<MachinePort[]> {
  const root = path.join(sys, 'class/net');
  const names = (await listNames(root)).filter(name => name !== 'lo');
  const ports = await Promise.all(names.map(name => readPort(root, name)));
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

async function readPort(root: string, name: string): Promise<MachinePort | null> {
  const folder = path.join(root, name);
  const mtu = await readNumber(folder, 'mtu');
  if (mtu === null) return null; // `bonding_masters` and its like are files among the ports
  const device = await resolveLink(folder, 'device');
  const driver = await resolveLink(folder, 'device/driver');
  const speed = await readNumber(folder, 'speed');
  return {
    name,
    mac: usableMac(await readText(folder, 'address')),
    driver: driver === null ? null : path.basename(driver),
    pciAddress: await pciAddressBehind(folder, 'device'),
    speedMbps: speed !== null && speed > 0 ? graphqlInt(speed) : null, // -1 and 0 say "unknown"
    mtu: graphqlInt(mtu),
    up: await isUp(folder),
    virtual: device === null,
  };
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
