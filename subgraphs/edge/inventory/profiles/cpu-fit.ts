// Whether a host has the cores that a configuration gives away, and which logical CPUs each function gets. Pure.
import type { CpuFunction, Hardware, LogicalCpu } from '../hardware/hardware.ts';
import type { CpuAssignment, Fault } from './nodal-configuration.ts';

export function cpuMisfits(wanted: readonly CpuAssignment[], { cpu }: Hardware): Fault[] {
  if (wanted.length === 0) return [];
  const cores = coresByNode(cpu.logicalCpus ?? []);
  const faults = wanted.flatMap((assignment, i): Fault[] => {
    const { node, platform, shared, isolated, application } = assignment;
    const there = cores.get(node)?.length ?? 0;
    if (there === 0) return [{ path: [i, 'node'], message: `The host has no CPUs on node ${node}.` }];
    let taken = 0;
    for (const [field, count] of Object.entries({ platform, shared, isolated, application: application ?? 0 })) {
      taken += count;
      if (taken > there)
        return [
          {
            path: [i, field],
            message: `Node ${node} has ${there} cores; with ${count} ${field} ones ${taken} are given away.`,
          },
        ];
    }
    return [];
  });
  const leavesNone =
    wanted.every(({ platform }) => platform === 0) &&
    [...cores.keys()].every(node => wanted.some(a => a.node === node));
  return leavesNone ? [...faults, { path: [0, 'platform'], message: 'The platform needs at least one core.' }] : faults;
}

/** The logical CPUs of each core of each node, in the kernel's order; whole cores are given away, with all their threads. */
function coresByNode(cpus: readonly LogicalCpu[]): ReadonlyMap<number, readonly (readonly LogicalCpu[])[]> {
  const nodes = new Map<number, Map<string, LogicalCpu[]>>();
  for (const cpu of [...cpus].sort((a, b) => a.number - b.number)) {
    const node = cpu.numaNode ?? cpu.socket;
    const cores = nodes.get(node) ?? new Map<string, LogicalCpu[]>();
    const key = `${cpu.socket}/${cpu.core}`;
    nodes.set(node, cores.set(key, [...(cores.get(key) ?? []), cpu]));
  }
  return new Map([...nodes].map(([node, cores]) => [node, [...cores.values()]]));
}

/** By number: what each logical CPU works for. Platform cores come first, then shared, then isolated ones. Nodes that are not assigned are not in it. */
export function assignedFunctions(
  assignments: readonly CpuAssignment[],
  cpus: readonly LogicalCpu[],
): ReadonlyMap<number, CpuFunction> {
  const cores = coresByNode(cpus);
  return new Map(
    assignments.flatMap(({ node, platform, shared, isolated }) =>
      (cores.get(node) ?? []).flatMap((threads, place) => {
        const is = functionAt(place, { platform, shared, isolated });
        return threads.map(({ number }) => [number, is] as const);
      }),
    ),
  );
}

function functionAt(
  place: number,
  { platform, shared, isolated }: Pick<CpuAssignment, 'platform' | 'shared' | 'isolated'>,
): CpuFunction {
  if (place < platform) return 'PLATFORM';
  if (place < platform + shared) return 'SHARED';
  return place < platform + shared + isolated ? 'APPLICATION_ISOLATED' : 'APPLICATION';
}
