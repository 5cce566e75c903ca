// What regions have to offer, summed, and of which kind a region is. Pure.
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

export const sumOf = (rows: readonly CapacitySum[]): CapacitySum =>
  rows.reduce(
    (sum, row) => ({
      hosts: sum.hosts + row.hosts,
      inService: sum.inService + row.inService,
      cpuThreads: sum.cpuThreads + row.cpuThreads,
      memoryMiB: sum.memoryMiB + row.memoryMiB,
      hugePages: merged(
        [...sum.hugePages, ...row.hugePages],
        page => page.pageSizeKiB,
        (a, b) => ({ ...a, total: a.total + b.total, free: a.free + b.free }),
      ),
      devices: merged(
        [...sum.devices, ...row.devices],
        device => `${device.kind} ${device.name ?? ''}`,
        (a, b) => ({ ...a, count: a.count + b.count }),
      ),
    }),
    NOTHING,
  );

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

function merged<T>(list: readonly T[], keyOf: (item: T) => string | number, add: (a: T, b: T) => T): T[] {
  const sums = new Map<string | number, T>();
  for (const item of list) {
    const before = sums.get(keyOf(item));
    sums.set(keyOf(item), before === undefined ? item : add(before, item));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}
