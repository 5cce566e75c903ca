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
import { provisioningResolvers } from './provisioning/provisioning-resolvers.ts';
import { provisioningService } from './provisioning/provisioning-service.ts';
import { inventoryTables } from './tables.ts';
import { openWorkloads } from './workloads/workload-room.ts';

export async function openInventory(deps: EdgeSubgraphDeps): Promise<RunningSubgraph> {
  const { region, config, log } = deps;
  const store = await openEdgeStore('inventory', inventoryTables, deps);
  const { dataSource, outbox, now } = store;
  const secrets = openSecretBox(path.join(config.data, 'keys', `${region}.key`));
  const provisioning = provisioningService({ dataSource, outbox, secrets, newId: randomUUID });
  const hosts = hostService({ dataSource, outbox, now, newId: randomUUID });
  const workloads = await openWorkloads({ region, config, dataSource, outbox, log, now });
  const stopWatching = watchHosts({ hosts, offlineAfterMs: config.inventory.hostOfflineAfterMs, log, now });
  return {
    name: 'inventory',
    schema: subgraphSchema('inventory', [
      hostResolvers({ region, dataSource, hosts, now }),
      provisioningResolvers(region, provisioning),
      workloads.resolvers,
    ]),
    context: () => inventoryContext(dataSource),
    outbox,
    snapshot: HOSTS_NOW,
    close: async () => {
      await stopWatching();
      await workloads.close();
      await store.close();
    },
  };
}
