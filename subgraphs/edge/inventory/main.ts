// Wires the inventory subgraph of one region.
import { randomUUID } from 'node:crypto';
import type { Config } from '../../../runtime/config.ts';
import type { Logger } from '../../../runtime/log.ts';
import { openDatabase, regionDatabase } from '../../runtime/database.ts';
import { openOutbox } from '../../runtime/outbox.ts';
import { outboxChannel, type RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { inventoryContext } from './context.ts';
import { hostResolvers } from './hosts/host-resolvers.ts';
import { hostService } from './hosts/host-service.ts';
import { watchHosts } from './hosts/host-watch.ts';
import { inventoryTables } from './tables.ts';

export interface EdgeSubgraphDeps {
  readonly region: string;
  readonly config: Config;
  readonly databaseUrl: string;
  readonly log: Logger;
}

export async function openInventory({ region, config, databaseUrl, log }: EdgeSubgraphDeps): Promise<RunningSubgraph> {
  const now = (): Date => new Date();
  const dataSource = await openDatabase({
    url: databaseUrl,
    database: regionDatabase(config.database.prefix, region),
    tables: inventoryTables,
    poolSize: config.database.poolSize,
    log,
  });
  const outbox = openOutbox({ dataSource, channel: outboxChannel('inventory'), now });
  const hosts = hostService({ dataSource, outbox, now, newId: randomUUID });
  const stopWatching = watchHosts({ hosts, offlineAfterMs: config.inventory.hostOfflineAfterMs, log, now });
  return {
    name: 'inventory',
    schema: subgraphSchema('inventory', [hostResolvers({ region, dataSource, hosts, now })]),
    context: () => inventoryContext(dataSource),
    outbox,
    close: async () => {
      await stopWatching();
      await dataSource.destroy();
    },
  };
}
