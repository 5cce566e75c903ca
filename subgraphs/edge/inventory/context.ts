// What one request to the inventory carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { type HardwareLoaders, hardwareLoaders } from './hardware/hardware-loaders.ts';
import type { ListedHost } from './hosts/host.ts';
import { findListed } from './hosts/host-store.ts';
import { type ProfileLoaders, profileLoaders } from './profiles/profile-loaders.ts';

export interface InventoryContext {
  readonly hostById: DataLoader<string, ListedHost | null>;
  readonly hardware: HardwareLoaders;
  readonly profiles: ProfileLoaders;
}

export function inventoryContext(dataSource: DataSource): InventoryContext {
  return {
    hostById: new DataLoader(async ids => {
      const found = new Map((await findListed(dataSource, ids)).map(host => [host.id, host]));
      return ids.map(id => found.get(id) ?? null);
    }),
    hardware: hardwareLoaders(dataSource),
    profiles: profileLoaders(dataSource),
  };
}
