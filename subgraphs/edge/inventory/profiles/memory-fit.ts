// Whether a host's memory holds what a configuration reserves and sets aside as huge pages. Pure.
import type { Hardware, NumaMemory } from '../hardware/hardware.ts';
import type { Fault, MemoryAssignment } from './nodal-configuration.ts';

/** StarlingX's least for a worker: 1,000 MiB for each node, and 2,000 more where the platform itself runs. */
const LEAST_MIB = 1_000;
const LEAST_FIRST_MIB = 3_000;

const PAGES = [
  { field: 'hugePages1G', sizeMiB: 1_024, name: '1 GiB' },
  { field: 'hugePages2M', sizeMiB: 2, name: '2 MiB' },
] as const;

export const memoryMisfits = (wanted: readonly MemoryAssignment[], { memory }: Hardware): Fault[] => {
  const first = Math.min(...memory.map(({ node }) => node));
  return wanted.flatMap((assignment, i) => {
    const there = memory.find(({ node }) => node === assignment.node);
    if (!there) return [{ path: [i, 'node'], message: `The host has no memory on node ${assignment.node}.` }];
    const least = there.node === first ? LEAST_FIRST_MIB : LEAST_MIB;
    return nodeMisfits(assignment, there, least).map(({ path, message }) => ({ path: [i, ...path], message }));
  });
};

function nodeMisfits(assignment: MemoryAssignment, { node, totalMiB, hugePages }: NumaMemory, least: number): Fault[] {
  const { platformReservedMiB: reserved } = assignment;
  const at = 'platformReservedMiB';
  if (reserved < least)
    return [{ path: [at], message: `The platform needs ${least} MiB on node ${node}; ${reserved} are reserved.` }];
  if (reserved > totalMiB)
    return [{ path: [at], message: `Node ${node} has ${totalMiB} MiB; ${reserved} are reserved.` }];
  let left = totalMiB - reserved;
  for (const { field, sizeMiB, name } of PAGES) {
    const count = assignment[field];
    if (count > 0 && !hugePages.some(({ pageSizeKiB }) => pageSizeKiB === sizeMiB * 1_024))
      return [{ path: [field], message: `Node ${node} has no pages of ${name}.` }];
    const most = Math.floor(left / sizeMiB);
    if (count > most)
      return [
        {
          path: [field],
          message: `Node ${node} has ${left} MiB left, room for ${most} pages of ${name}, not ${count}.`,
        },
      ];
    left -= count * sizeMiB;
  }
  return [];
}
