// Oldest first. Append only.
import { InventoryHosts } from './0001-hosts.ts';
import { InventoryOutboxJson } from './0002-outbox-json.ts';
import { InventoryProvisioning } from './0003-provisioning.ts';
import { InventoryLifecycle } from './0004-lifecycle.ts';
import { InventoryConditions } from './0005-conditions.ts';
import { InventoryHardware } from './0006-hardware.ts';
import { InventoryWorkloads } from './0007-workloads.ts';
import { InventoryBmc } from './0008-bmc.ts';
import { InventoryCapacity } from './0009-capacity.ts';
import { InventoryConfigurationFailures } from './0011-configuration-failures.ts';

export const inventoryMigrations = [
  InventoryHosts,
  InventoryOutboxJson,
  InventoryProvisioning,
  InventoryLifecycle,
  InventoryConditions,
  InventoryHardware,
  InventoryWorkloads,
  InventoryBmc,
  InventoryCapacity,
  InventoryConfigurationFailures,
];
