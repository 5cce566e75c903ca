// The ports, interfaces and neighbours of a simulated host: two ports on board, two for data in a bond with a VLAN on it.
import type { InterfaceReport, LldpNeighbourReport, PortReport } from '../report.ts';
import type { Random } from './random.ts';
import type { HostSlot } from './region-plan.ts';
import { DATA_CARDS, type NetworkCard, ON_BOARD_CARD } from './server-models.ts';

const CLUSTER_VLAN = 157;

export interface Addressing {
  readonly mac: (port: number) => string;
  readonly managementIp: string;
}

export function buildPorts(random: Random, slot: HostSlot, { mac }: Addressing): PortReport[] {
  const data = random.pick(DATA_CARDS);
  const spareUp = random.chance(0.75);
  const port = (name: string, number: number, pciAddress: string, card: NetworkCard, up: boolean): PortReport => ({
    name,
    mac: mac(number),
    driver: card.driver,
    pciAddress,
    speedMbps: up ? card.speedMbps : null,
    mtu: card === data ? 9_000 : 1_500,
    up,
    duplex: up ? 'FULL' : null,
    autoNegotiation: true,
    numaNode: 0,
    vendorId: card.vendorId,
    deviceId: card.deviceId,
    sriov: card.totalVfs === 0 ? null : { totalVfs: card.totalVfs, configuredVfs: 0, driver: null },
    lldpNeighbour: up ? neighbourOf(slot, number) : null,
  });
  return [
    port('eno1', 0, '0000:18:00.0', ON_BOARD_CARD, true),
    port('eno2', 1, '0000:18:00.1', ON_BOARD_CARD, spareUp),
    port('ens1f0', 2, '0000:51:00.0', data, true),
    port('ens1f1', 3, '0000:51:00.1', data, true),
  ];
}

/** Two switches on top of the rack; odd ports go to the second. */
function neighbourOf(slot: HostSlot, port: number): LldpNeighbourReport {
  const leaf = (port % 2) + 1;
  return {
    chassis: `02:1f:00:00:00:0${leaf}`,
    port: `Ethernet${slot.index * 2 + (port >> 1) + 1}`,
    systemName: `leaf-${leaf}`,
  };
}

export function buildInterfaces(ports: readonly PortReport[], { managementIp }: Addressing): InterfaceReport[] {
  const [first, , ...data] = ports;
  const bond = data[0]!;
  const above = (name: string): string[] => (data.some(port => port.name === name) ? ['bond0'] : []);
  const made = { mac: bond.mac, mtu: bond.mtu, up: true };
  return [
    ...ports.map(
      ({ name, mac, mtu, up }): InterfaceReport => ({
        ...{ name, type: 'ETHERNET', mac, mtu, up, vlanId: null, bondMode: null },
        addresses: name === first?.name ? [`${managementIp}/24`] : [],
        uses: [],
        usedBy: above(name),
      }),
    ),
    {
      ...{ name: 'bond0', type: 'AE', ...made, vlanId: null, bondMode: 'LACP', addresses: [] },
      uses: data.map(({ name }) => name),
      usedBy: ['cluster0'],
    },
    {
      ...{ name: 'cluster0', type: 'VLAN', ...made, vlanId: CLUSTER_VLAN, bondMode: null },
      addresses: [managementIp.replace('192.168.204.', '192.168.206.').concat('/24')], // StarlingX's usual cluster-host network
      uses: ['bond0'],
      usedBy: [],
    },
  ];
}
