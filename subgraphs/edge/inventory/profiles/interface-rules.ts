// How interfaces may stand on each other, by StarlingX's rules. Knows no host: ports are checked where the hardware is known. Pure.
import type { Fault, InterfaceConfiguration } from './nodal-configuration.ts';

export function interfaceFaults(interfaces: readonly InterfaceConfiguration[]): Fault[] {
  const byName = new Map(interfaces.map(each => [each.name, each]));
  return interfaces.flatMap((each, i) =>
    [...usesFaults(each, interfaces, byName), ...fieldFaults(each), ...classFaults(each, byName)].map(
      ({ path, message }) => ({ path: [i, ...path], message }),
    ),
  );
}

type ByName = ReadonlyMap<string, InterfaceConfiguration>;

function usesFaults(
  { name, type, uses, mtu, vlanId }: InterfaceConfiguration,
  all: readonly InterfaceConfiguration[],
  byName: ByName,
): Fault[] {
  const { least, most, types, says } = FOOTINGS[type];
  if (uses.length < least || uses.length > most) return [fault(['uses'], says)];
  return uses.flatMap((lower, i): Fault[] => {
    const below = byName.get(lower);
    const at = ['uses', i];
    if (!below) return [fault(at, `The profile has no interface ${lower}.`)];
    if (uses.indexOf(lower) !== i) return [fault(at, `${lower} is used twice.`)];
    if (!types.includes(below.type)) return [fault(at, `${lower} is ${below.type}: ${says}`)];
    if (below.class === 'PCI_PASSTHROUGH') return [fault(at, `${lower} is passed through: nothing stands on it.`)];
    if (below.mtu < mtu) return [fault(['mtu'], `${lower} below it has an MTU of ${below.mtu}: no more fits through.`)];
    if (type === 'AE') return memberFaults(at, name, below, all);
    if (type === 'VLAN' && all.find(isTwinOf(lower, vlanId))?.name !== name)
      return [fault(['vlanId'], `${lower} carries VLAN ${vlanId} already.`)];
    if (type === 'VF' && below.class !== 'PCI_SRIOV') return [fault(at, `${lower} is not of class PCI_SRIOV.`)];
    return [];
  });
}

const isTwinOf =
  (lower: string, vlanId: number | null) =>
  (other: InterfaceConfiguration): boolean =>
    other.type === 'VLAN' && other.uses[0] === lower && other.vlanId === vlanId;

interface Footing {
  readonly least: number;
  readonly most: number;
  readonly types: readonly InterfaceConfiguration['type'][];
  readonly says: string;
}

/** What each type stands on. */
const FOOTINGS: Readonly<Record<InterfaceConfiguration['type'], Footing>> = {
  ETHERNET: { least: 0, most: 0, types: [], says: 'an ETHERNET interface stands on a port, not on interfaces.' },
  VLAN: {
    least: 1,
    most: 1,
    types: ['ETHERNET', 'AE', 'VF'],
    says: 'a VLAN stands on one ETHERNET, AE or VF interface.',
  },
  AE: { least: 2, most: 8, types: ['ETHERNET'], says: 'a bond has 2 to 8 ETHERNET members.' },
  VF: {
    least: 1,
    most: 1,
    types: ['ETHERNET'],
    says: 'a VF interface stands on one ETHERNET interface of class PCI_SRIOV.',
  },
};

/** A port in a bond belongs to the bond alone. */
function memberFaults(
  at: Fault['path'],
  bond: string,
  member: InterfaceConfiguration,
  all: readonly InterfaceConfiguration[],
): Fault[] {
  const other = all.find(({ name, uses }) => name !== bond && uses.includes(member.name));
  if (other) return [fault(at, `${member.name} is in use by ${other.name} already.`)];
  return member.class === 'NONE' ? [] : [fault(at, `${member.name} is of class ${member.class}: a member has none.`)];
}

/** What only one type or class says, and must say. */
function fieldFaults(each: InterfaceConfiguration): Fault[] {
  const { type, vlanId, bondMode, port, vfCount, vfDriver } = each;
  const takesVfs = type === 'VF' || each.class === 'PCI_SRIOV';
  return [
    ...only('vlanId', type === 'VLAN', vlanId, 'a VLAN'),
    ...only('bondMode', type === 'AE', bondMode, 'a bond'),
    ...only('vfCount', takesVfs, vfCount, 'class PCI_SRIOV or type VF'),
    ...(vfDriver !== null && !takesVfs ? [fault(['vfDriver'], 'Only class PCI_SRIOV and type VF have VFs.')] : []),
    ...(port !== null && type !== 'ETHERNET' ? [fault(['port'], 'Only an ETHERNET interface has a port.')] : []),
  ];
}

function only(field: string, applies: boolean, value: unknown, what: string): Fault[] {
  if (applies && value === null) return [fault([field], `Needed for ${what}.`)];
  return !applies && value !== null ? [fault([field], `Only for ${what}.`)] : [];
}

/** StarlingX's platform networks. */
const PLATFORM_NETWORKS = new Set(['mgmt', 'admin', 'oam', 'pxeboot', 'cluster-host', 'ironic', 'storage']);

function classFaults(each: InterfaceConfiguration, byName: ByName): Fault[] {
  const { networks, type, vfCount } = each;
  const strangers = networks.filter(network => PLATFORM_NETWORKS.has(network) !== (each.class === 'PLATFORM'));
  const isOnPort = type === 'ETHERNET';
  const parent = type === 'VF' ? byName.get(each.uses[0] ?? '') : undefined;
  const given = [...byName.values()]
    .filter(other => other.type === 'VF' && other.uses[0] === parent?.name)
    .reduce((sum, other) => sum + (other.vfCount ?? 0), 0);
  return [
    ...(each.class === 'NONE' && networks.length > 0 ? [fault(['networks'], 'Class NONE carries no networks.')] : []),
    ...(each.class === 'PLATFORM' && networks.length === 0
      ? [fault(['networks'], 'Class PLATFORM needs a network.')]
      : []),
    ...(each.class !== 'NONE'
      ? strangers.map(network =>
          fault(['networks'], `${network} is ${each.class === 'PLATFORM' ? 'no' : 'a'} platform network.`),
        )
      : []),
    ...((each.class === 'PCI_SRIOV' || each.class === 'PCI_PASSTHROUGH') && !isOnPort && type !== 'VF'
      ? [fault(['class'], `Class ${each.class} is for ports.`)]
      : []),
    ...(parent?.vfCount && vfCount && given > parent.vfCount
      ? [fault(['vfCount'], `${parent.name} has ${parent.vfCount} VFs; ${given} are given away.`)]
      : []),
  ];
}

const fault = (path: Fault['path'], message: string): Fault => ({ path, message });
