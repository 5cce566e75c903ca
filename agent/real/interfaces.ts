// Network interfaces and what stands on what: ports, VLANs, bonds, virtual functions and what the kernel makes itself.
// From /sys/class/net; addresses come from Node.
import os from 'node:os';
import path from 'node:path';
import { graphqlInt } from '../graphql-int.ts';
import type { BondMode, InterfaceReport, InterfaceType } from '../report.ts';
import { listNames, readText, resolveLink } from './files.ts';
import type { MachinePort } from './ports.ts';

export interface InterfaceRoots {
  readonly sys: string;
  readonly proc: string;
}

/** One interface for each port that the kernel shows; `addresses` answers those of an interface. */
export async function readInterfaces(
  { sys, proc }: InterfaceRoots,
  ports: readonly MachinePort[],
  addresses: (name: string) => readonly string[] = addressesOf,
): Promise<InterfaceReport[]> {
  const vlans = toVlans(await readText(proc, 'net/vlan/config'));
  return Promise.all(
    ports.map(async ({ name, mac, mtu, up, virtual }) => {
      const folder = path.join(sys, 'class/net', name);
      const bond = await readText(folder, 'bonding/mode');
      const vlanId = vlans.get(name) ?? null;
      const links = await listNames(folder);
      return {
        name,
        type: await typeOf(folder, { isBond: bond !== null, isVlan: vlanId !== null, virtual }),
        mac,
        mtu,
        up,
        vlanId,
        bondMode: bond === null ? null : (BOND_MODES[bond.split(' ')[0]!] ?? null),
        addresses: addresses(name).slice(0, MOST_ADDRESSES),
        uses: after('lower_', links),
        usedBy: after('upper_', links),
      };
    }),
  );
}

/** A host that speaks for many services has a hundred addresses; a thousand would be a mistake. */
const MOST_ADDRESSES = 256;

/** StarlingX's three; the kernel has more. */
const BOND_MODES: Readonly<Record<string, BondMode>> = {
  'active-backup': 'ACTIVE_STANDBY',
  'balance-xor': 'BALANCED',
  '802.3ad': 'LACP',
};

interface Signs {
  readonly isBond: boolean;
  readonly isVlan: boolean;
  readonly virtual: boolean;
}

async function typeOf(folder: string, { isBond, isVlan, virtual }: Signs): Promise<InterfaceType> {
  if (isBond) return 'AE';
  if (isVlan) return 'VLAN';
  if (virtual) return 'VIRTUAL';
  return (await resolveLink(folder, 'device/physfn')) === null ? 'ETHERNET' : 'VF';
}

/** `eno1.100  | 100  | eno1`, below two lines of heading. */
function toVlans(config: string | null): ReadonlyMap<string, number> {
  const lines = (config ?? '').split('\n').map(line => line.split('|').map(part => part.trim()));
  return new Map(
    lines.flatMap(([name, id]) =>
      name && /^\d{1,4}$/.test(id ?? '') ? [[name, graphqlInt(Number(id))] as const] : [],
    ),
  );
}

const after = (prefix: string, names: readonly string[]): string[] =>
  names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));

const addressesOf = (name: string): string[] =>
  (os.networkInterfaces()[name] ?? []).map(({ cidr, address }) => cidr ?? address);
