// What a region without hosts has to offer, and of which kind a region is. Pure.
import type { CapacityRow } from './host-store.ts';

export type RegionKind = 'SIMPLEX' | 'DUPLEX' | 'STANDARD';

/** The `CapacitySummary` of the SDL, but for its age. */
export type CapacitySum = Omit<CapacityRow, 'region' | 'controllers' | 'isAllInOne'>;

export const NOTHING: CapacitySum = {
  hosts: 0,
  inService: 0,
  cpuThreads: 0,
  memoryMiB: 0,
  hugePages: [],
  devices: [],
};

/**
 * StarlingX's kinds of deployment, by the region's controllers: one is simplex; two that run workloads themselves are
 * duplex; else standard. Null when the region has none.
 */
export function kindOf({
  controllers,
  isAllInOne,
}: Pick<CapacityRow, 'controllers' | 'isAllInOne'>): RegionKind | null {
  if (controllers === 0) return null;
  if (controllers === 1) return 'SIMPLEX';
  return isAllInOne ? 'DUPLEX' : 'STANDARD';
}
