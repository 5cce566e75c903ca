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

/** All that is wrong: pages are counted in what is left beside the least that the platform needs. */
function nodeMisfits(assignment: MemoryAssignment, { node, totalMiB, hugePages }: NumaMemory, least: number): Fault[] {
  const { platformReservedMiB: reserved } = assignment;
  const faults: Fault[] = [];
  const fault = (field: keyof MemoryAssignment, message: string): void => void faults.push({ path: [field], message });
  if (reserved < least)
    fault('platformReservedMiB', `The platform needs ${least} MiB on node ${node}; ${reserved} are reserved.`);
  if (reserved > totalMiB) fault('platformReservedMiB', `Node ${node} has ${totalMiB} MiB; ${reserved} are reserved.`);
  let left = Math.max(0, totalMiB - Math.max(reserved, least));
  for (const { field, sizeMiB, name } of PAGES) {
    const count = assignment[field];
    const most = Math.floor(left / sizeMiB);
    if (count > 0 && !hugePages.some(({ pageSizeKiB }) => pageSizeKiB === sizeMiB * 1_024))
      fault(field, `Node ${node} has no pages of ${name}.`);
    else if (count > most)
      fault(field, `Node ${node} has ${left} MiB left, room for ${most} pages of ${name}, not ${count}.`);
    else left -= count * sizeMiB;
  }
  return faults;
}
