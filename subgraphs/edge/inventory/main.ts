// Wires the inventory subgraph of one region.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { readCatalogue } from '../../catalogue/catalogue.ts';
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { openSecretBox } from './bmc/secret-box.ts';
import { inventoryContext } from './context.ts';
import { checkService } from './detection/check-service.ts';
import { checkResolvers } from './detection/checks-resolvers.ts';
import { hostWatch } from './detection/host-watch.ts';
import { listening, startWatching } from './detection/listening.ts';
import { recoveries } from './detection/recoveries.ts';
import { hostResolvers } from './hosts/host-resolvers.ts';
import { hostService } from './hosts/host-service.ts';
import { HOSTS_NOW } from './hosts/host-store.ts';
import { nothingToEvacuate } from './lifecycle/evacuation.ts';
import { noPower } from './lifecycle/host-power.ts';
import { plainLifecycle } from './lifecycle/plain-lifecycle.ts';
import { provisioningResolvers } from './provisioning/provisioning-resolvers.ts';
import { provisioningService } from './provisioning/provisioning-service.ts';
import { inventoryTables } from './tables.ts';

export async function openInventory(deps: EdgeSubgraphDeps): Promise<RunningSubgraph> {
  const { region, config, log } = deps;
  const store = await openEdgeStore('inventory', inventoryTables, deps);
  const { dataSource, outbox, now } = store;
  const secrets = openSecretBox(path.join(config.data, 'keys', `${region}.key`));
  const provisioning = provisioningService({ dataSource, outbox, secrets, newId: randomUUID });
  const hosts = hostService({ dataSource, outbox, now, newId: randomUUID });
  const lifecycle = plainLifecycle(outbox);
  const watch = hostWatch({
    dataSource,
    outbox,
    lifecycle,
    recoveries: recoveries({
      dataSource,
      lifecycle,
      evacuation: nothingToEvacuate,
      power: noPower,
      settings: config.inventory.recovery,
      log,
    }),
    catalogue: readCatalogue(),
    settings: config.inventory.heartbeat,
    beatMs: config.agent.heartbeatMs,
    log,
    now,
  });
  const stopWatching = startWatching(watch, log);
  return {
    name: 'inventory',
    schema: subgraphSchema('inventory', [
      hostResolvers({ region, dataSource, hosts: listening(hosts, watch), now }),
      provisioningResolvers(region, provisioning),
      checkResolvers(region, checkService({ dataSource, outbox })),
    ]),
    context: () => inventoryContext(dataSource),
    outbox,
    snapshot: HOSTS_NOW,
    close: async () => {
      await stopWatching();
      await store.close();
    },
  };
}
