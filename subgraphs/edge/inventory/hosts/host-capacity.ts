// What a host has to offer workloads, in short: what the centre mirrors of its hardware. Pure.
import type { Hardware } from '../hardware/hardware.ts';

/** The `HostCapacity` of the SDL. */
export interface HostCapacity {
  readonly cpuThreads: number;
  readonly memoryMiB: number;
  /** By size, smallest first; a size that no NUMA node has set aside is left out. */
  readonly hugePages: readonly { readonly pageSizeKiB: number; readonly total: number; readonly free: number }[];
  /** Alike ones counted together, by kind and name. */
  readonly devices: readonly { readonly kind: string; readonly name: string | null; readonly count: number }[];
}

export function capacityOf({ cpu, memory, devices }: Hardware): HostCapacity {
  const pages = new Map<number, { pageSizeKiB: number; total: number; free: number }>();
  for (const { pageSizeKiB, total, free } of memory.flatMap(node => node.hugePages)) {
    if (total === 0) continue;
    const sum = pages.get(pageSizeKiB) ?? { pageSizeKiB, total: 0, free: 0 };
    pages.set(pageSizeKiB, { pageSizeKiB, total: sum.total + total, free: sum.free + free });
  }
  const cards = new Map<string, { kind: string; name: string | null; count: number }>();
  for (const { kind, name = null } of devices) {
    const key = `${kind} ${name ?? ''}`;
    cards.set(key, { kind, name, count: (cards.get(key)?.count ?? 0) + 1 });
  }
  return {
    cpuThreads: cpu.threads,
    memoryMiB: memory.reduce((sum, node) => sum + node.totalMiB, 0),
    hugePages: [...pages.values()].sort((a, b) => a.pageSizeKiB - b.pageSizeKiB),
    devices: [...cards].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, card]) => card),
  };
}
