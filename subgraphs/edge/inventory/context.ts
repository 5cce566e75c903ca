// What one request to the inventory carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { findConditions } from './conditions/condition-store.ts';
import type { ConditionRow } from './conditions/host-condition.ts';
import type { HostRow } from './hosts/host.ts';
import { findByIds } from './hosts/host-store.ts';

export interface InventoryContext {
  readonly hostById: DataLoader<string, HostRow | null>;
  /** By local host id. */
  readonly conditionsByHost: DataLoader<string, readonly ConditionRow[]>;
}

export function inventoryContext(dataSource: DataSource): InventoryContext {
  return {
    hostById: new DataLoader(async ids => {
      const found = new Map((await findByIds(dataSource, ids)).map(host => [host.id, host]));
      return ids.map(id => found.get(id) ?? null);
    }),
    conditionsByHost: new DataLoader(async ids => {
      const found = await findConditions(dataSource, ids);
      return ids.map(id => found.filter(({ hostId }) => hostId === id));
    }),
  };
}
