// Where a host's hardware shows that it is not as it is configured: huge pages, virtual functions, MTUs. What it does not
// show counts as taken. Pure.
import type { Hardware, NumaMemory, Port } from '../hardware/hardware.ts';
import type { ConfigurationFailure } from '../lifecycle/pending-configuration.ts';
import { PART_NAMES } from './configuration-parts.ts';
import type { InterfaceConfiguration, MemoryAssignment, NodalConfiguration } from './nodal-configuration.ts';

/** At most one for each part. */
export function seenDifferences(
  { memory, interfaces }: NodalConfiguration,
  hardware: Hardware,
): ConfigurationFailure[] {
  const ofMemory = memory.flatMap(assignment => {
    const there = hardware.memory.find(({ node }) => node === assignment.node);
    const message = there && pagesMissing(assignment, there);
    return message ? [{ part: PART_NAMES.memory(assignment), message }] : [];
  });
  const ofInterfaces = interfaces.flatMap(wanted => {
    const port = wanted.type === 'ETHERNET' && hardware.ports.find(({ name }) => name === (wanted.port ?? wanted.name));
    const message = port && unlikePort(wanted, port);
    return message ? [{ part: PART_NAMES.interfaces(wanted), message }] : [];
  });
  return [...ofMemory, ...ofInterfaces];
}

function pagesMissing({ hugePages2M, hugePages1G }: MemoryAssignment, { hugePages }: NumaMemory): string | null {
  const wanted = new Map([
    [2_048, hugePages2M],
    [1_048_576, hugePages1G],
  ]);
  for (const { pageSizeKiB, total } of hugePages) {
    const count = wanted.get(pageSizeKiB) ?? total;
    if (count !== total) return `It has ${total} huge pages of ${pageSizeKiB} KiB, not ${count}.`;
  }
  return null;
}

function unlikePort({ mtu, vfCount }: InterfaceConfiguration, port: Port): string | null {
  if (port.mtu !== null && port.mtu !== mtu) return `The MTU of ${port.name} is ${port.mtu}, not ${mtu}.`;
  if (vfCount !== null && port.sriov && port.sriov.configuredVfs !== vfCount)
    return `${port.name} has ${port.sriov.configuredVfs} virtual functions, not ${vfCount}.`;
  return null;
}
