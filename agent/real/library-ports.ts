// Network ports where there is no /sys (macOS): what systeminformation knows. No PCI addresses and no drivers.
import si from 'systeminformation';
import { graphqlInt } from '../graphql-int.ts';
import { type MachinePort, usableMac } from './ports.ts';

type Interface = si.Systeminformation.NetworkInterfacesData;

export interface LibraryPorts {
  readonly ports: readonly MachinePort[];
  readonly defaultRoutePort: string | null;
}

export async function readLibraryPorts(): Promise<LibraryPorts> {
  const found: unknown = await si.networkInterfaces();
  const interfaces = (Array.isArray(found) ? (found as Interface[]) : []).filter(({ internal }) => !internal);
  return {
    ports: interfaces.map(toPort),
    defaultRoutePort: interfaces.find(port => port.default)?.iface ?? null,
  };
}

const UNTOLD = {
  duplex: null,
  autoNegotiation: null,
  numaNode: null,
  vendorId: null,
  deviceId: null,
  sriov: null,
  lldpNeighbour: null,
} as const;

const toPort = ({ iface, mac, speed, mtu, operstate, virtual }: Interface): MachinePort => ({
  name: iface,
  mac: usableMac(mac),
  driver: null,
  pciAddress: null,
  speedMbps: speed !== null && speed > 0 ? graphqlInt(speed) : null,
  mtu: mtu !== null && mtu > 0 ? graphqlInt(mtu) : null,
  up: operstate === 'up',
  ...UNTOLD,
  virtual,
});
