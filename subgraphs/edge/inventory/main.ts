// Wires the inventory subgraph of one region.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { openSecretBox } from './bmc/secret-box.ts';
import { inventoryContext } from './context.ts';
import { hostResolvers } from './hosts/host-resolvers.ts';
import { hostService } from './hosts/host-service.ts';
import { HOSTS_NOW } from './hosts/host-store.ts';
import { watchHosts } from './hosts/host-watch.ts';
import { nothingToEvacuate } from './lifecycle/evacuation.ts';
import { noPower } from './lifecycle/host-power.ts';
import { openLifecycle } from './lifecycle/lifecycle.ts';
import { lifecycleResolvers } from './lifecycle/lifecycle-resolvers.ts';
import { nothingPending } from './lifecycle/pending-configuration.ts';
import { provisioningResolvers } from './provisioning/provisioning-resolvers.ts';
import { provisioningService } from './provisioning/provisioning-service.ts';
import { inventoryTables } from './tables.ts';

export async function openInventory(deps: EdgeSubgraphDeps): Promise<RunningSubgraph> {
  const { region, config, log } = deps;
  const store = await openEdgeStore('inventory', inventoryTables, deps);
  const { dataSource, outbox, now } = store;
  const secrets = openSecretBox(path.join(config.data, 'keys', `${region}.key`));
  const provisioning = provisioningService({ dataSource, outbox, secrets, newId: randomUUID });
  const seams = { power: noPower, evacuation: nothingToEvacuate, configuration: nothingPending };
  const lifecycle = openLifecycle({ ...store, ...seams, times: config.inventory.lifecycle, log, newId: randomUUID });
  const { redeclare } = provisioning;
  const hosts = hostService({ dataSource, outbox, lifecycle: lifecycle.service, redeclare, now, newId: randomUUID });
  const stopWatching = watchHosts({ hosts, offlineAfterMs: config.inventory.hostOfflineAfterMs, log, now });
  return {
    name: 'inventory',
    schema: subgraphSchema('inventory', [
      hostResolvers({ region, dataSource, hosts, now }),
      provisioningResolvers(region, provisioning),
      lifecycleResolvers({ region, dataSource, lifecycle: lifecycle.service }),
    ]),
    context: () => inventoryContext(dataSource, seams),
    outbox,
    snapshot: HOSTS_NOW,
    close: async () => {
      await stopWatching();
      await lifecycle.stop();
      await store.close();
    },
  };
}
