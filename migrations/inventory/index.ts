// Oldest first. Append only.
import { InventoryHosts } from './0001-hosts.ts';

export const inventoryMigrations = [InventoryHosts];
