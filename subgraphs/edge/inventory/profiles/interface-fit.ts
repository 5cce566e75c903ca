// Whether a host has the ports that a configuration names, with the virtual functions that it wants of them. Pure.
import { type Hardware, isRealPort, type Port } from '../hardware/hardware.ts';
import type { Fault, InterfaceConfiguration } from './nodal-configuration.ts';

interface Networked {
  readonly hardware: Hardware;
  readonly managementMac: string | null;
}

export function interfaceMisfits(wanted: readonly InterfaceConfiguration[], host: Networked): Fault[] {
  const ports = portsOf(host.hardware);
  const taken = new Map<string, string>();
  const faults = wanted.flatMap((each, i): Fault[] => {
    if (each.type !== 'ETHERNET') return [];
    const name = each.port ?? each.name;
    const at = [i, each.port === null ? 'name' : 'port'];
    const port = ports.get(name);
    if (!port)
      return [{ path: at, message: `The host has no port ${name}; it has ${[...ports.keys()].join(', ') || 'none'}.` }];
    const other = taken.get(name);
    if (other !== undefined) return [{ path: at, message: `Port ${name} is used by ${other} already.` }];
    taken.set(name, each.name);
    return vfMisfits(each, port).map(({ path, message }) => ({ path: [i, ...path], message }));
  });
  return [...faults, ...managementMisfits(wanted, ports, host.managementMac)];
}

/** Ports to be touched, without virtual functions, which the configuration itself makes. */
function portsOf({ ports, interfaces }: Hardware): ReadonlyMap<string, Port> {
  const virtual = new Set(interfaces?.filter(({ type }) => type === 'VF').map(({ name }) => name));
  return new Map(ports.filter(port => isRealPort(port) && !virtual.has(port.name)).map(port => [port.name, port]));
}

function vfMisfits({ class: is, vfCount }: InterfaceConfiguration, { name, sriov }: Port): Fault[] {
  if (is !== 'PCI_SRIOV') return [];
  if (!sriov) return [{ path: ['class'], message: `Port ${name} has no virtual functions.` }];
  const { totalVfs } = sriov;
  if ((vfCount ?? 0) <= totalVfs) return [];
  return [{ path: ['vfCount'], message: `Port ${name} has ${totalVfs} virtual functions; ${vfCount} are wanted.` }];
}

/** A configuration that names interfaces must leave the way to the host: else nobody could mend it. */
function managementMisfits(
  wanted: readonly InterfaceConfiguration[],
  ports: ReadonlyMap<string, Port>,
  managementMac: string | null,
): Fault[] {
  const port = [...ports.values()].find(({ mac }) => mac && mac.toLowerCase() === managementMac);
  if (wanted.length === 0 || !port) return [];
  const lowest = wanted.findIndex(each => each.type === 'ETHERNET' && (each.port ?? each.name) === port.name);
  if (lowest === -1)
    return [{ path: [], message: `Port ${port.name} manages the host: the interfaces must include it.` }];
  return carriesPlatform(wanted, wanted[lowest]!)
    ? []
    : [
        {
          path: [lowest, 'class'],
          message: `Port ${port.name} manages the host: it, or what stands on it, must be of class PLATFORM.`,
        },
      ];
}

const carriesPlatform = (all: readonly InterfaceConfiguration[], lower: InterfaceConfiguration): boolean =>
  lower.class === 'PLATFORM' ||
  all.some(upper => upper.uses.includes(lower.name) && upper !== lower && carriesPlatform(all, upper));
