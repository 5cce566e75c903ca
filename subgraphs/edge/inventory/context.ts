// What one request to the inventory carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { BmcStatusRow } from './bmc/bmc-status.ts';
import { findStatus } from './bmc/bmc-store.ts';
import type { HostRow } from './hosts/host.ts';
import { findByIds } from './hosts/host-store.ts';

export interface InventoryContext {
  readonly hostById: DataLoader<string, HostRow | null>;
  /** Null while nothing is known. */
  readonly bmcByHost: DataLoader<string, BmcStatusRow | null>;
}

export function inventoryContext(dataSource: DataSource): InventoryContext {
  return {
    hostById: new DataLoader(async ids => {
      const found = new Map((await findByIds(dataSource, ids)).map(host => [host.id, host]));
      return ids.map(id => found.get(id) ?? null);
    }),
    bmcByHost: new DataLoader(async ids => {
      const found = new Map((await findStatus(dataSource, ids)).map(status => [status.hostId, status]));
      return ids.map(id => found.get(id) ?? null);
    }),
  };
}
