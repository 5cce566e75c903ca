// Wires the inventory subgraph of one region.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { readCatalogue } from '../../catalogue/catalogue.ts';
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { bmcResolvers } from './bmc/bmc-resolvers.ts';
import { openBmcRoom } from './bmc/bmc-room.ts';
import { openSecretBox } from './bmc/secret-box.ts';
import { setConditions } from './conditions/set-conditions.ts';
import { inventoryContext } from './context.ts';
import { checkService } from './detection/check-service.ts';
import { checkResolvers } from './detection/checks-resolvers.ts';
import { hostWatch } from './detection/host-watch.ts';
import { listening, startWatching } from './detection/listening.ts';
import { recoveries } from './detection/recoveries.ts';
import { hardwareResolvers } from './hardware/hardware-resolvers.ts';
import { hostResolvers } from './hosts/host-resolvers.ts';
import { hostService } from './hosts/host-service.ts';
import { HOSTS_NOW } from './hosts/host-store.ts';
import { openLifecycle } from './lifecycle/lifecycle.ts';
import { lifecycleResolvers } from './lifecycle/lifecycle-resolvers.ts';
import { configurationService } from './profiles/configuration-service.ts';
import { profileResolvers } from './profiles/profile-resolvers.ts';
import { profileService } from './profiles/profile-service.ts';
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
  const profiles = profileService({ outbox, newId: randomUUID });
  const configurations = configurationService({ outbox });
  const bmc = openBmcRoom({
    ...deps,
    ...store,
    secrets,
    setConditions,
    powerSeen: (tx, id, power) =>
      lifecycle.service.report(tx, [id], { type: power === 'ON' ? 'POWERED_ON' : 'POWERED_OFF' }),
  });
  const workloads = await openWorkloads({ ...store, region, config, log });
  const seams = { power: bmc.power, evacuation: workloads.evacuation, configuration: configurations };
  const lifecycle = openLifecycle({ ...store, ...seams, times: config.inventory.lifecycle, log, newId: randomUUID });
  const { redeclare } = provisioning;
  const hosts = hostService({ ...store, lifecycle: lifecycle.service, redeclare, secrets, log, newId: randomUUID });
  const { heartbeat, recovery } = config.inventory;
  const recovering = recoveries({ ...seams, dataSource, lifecycle: lifecycle.service, settings: recovery, log });
  const watch = hostWatch({
    ...store,
    lifecycle: lifecycle.service,
    recoveries: recovering,
    catalogue: readCatalogue(),
    settings: heartbeat,
    beatMs: config.agent.heartbeatMs,
    log,
  });
  const stopWatching = startWatching(watch, recovering, log);
  return {
    name: 'inventory',
    schema: subgraphSchema('inventory', [
      hostResolvers({ region, dataSource, hosts: listening(hosts, watch), now }),
      provisioningResolvers(region, provisioning),
      checkResolvers(region, checkService({ dataSource, outbox })),
      lifecycleResolvers({ region, dataSource, lifecycle: lifecycle.service }),
      hardwareResolvers(),
      profileResolvers({ region, dataSource, profiles, configurations }),
      bmcResolvers(),
      workloads.resolvers,
    ]),
    context: () => inventoryContext(dataSource, seams),
    outbox,
    snapshot: HOSTS_NOW,
    routes: [bmc.route],
    close: async () => {
      await stopWatching();
      await bmc.close();
      await lifecycle.stop();
      await workloads.close();
      await store.close();
    },
  };
}
