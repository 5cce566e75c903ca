// What one request to the inventory carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { HostRow } from './hosts/host.ts';
import { findByIds } from './hosts/host-store.ts';
import { type WorkloadLoaders, workloadLoaders } from './workloads/workload-loaders.ts';

export interface InventoryContext {
  readonly hostById: DataLoader<string, HostRow | null>;
  readonly workloads: WorkloadLoaders;
}

export function inventoryContext(dataSource: DataSource): InventoryContext {
  return {
    hostById: new DataLoader(async ids => {
      const found = new Map((await findByIds(dataSource, ids)).map(host => [host.id, host]));
      return ids.map(id => found.get(id) ?? null);
    }),
    workloads: workloadLoaders(dataSource),
  };
}
