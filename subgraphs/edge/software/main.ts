// Wires the software subgraph of one region.
import type { Config } from '../../../runtime/config.ts';
import type { Logger } from '../../../runtime/log.ts';
import { openDatabase, regionDatabase } from '../../runtime/database.ts';
import { openOutbox } from '../../runtime/outbox.ts';
import { outboxChannel, type RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { softwareContext } from './context.ts';
import { releaseResolvers } from './releases/release-resolvers.ts';
import { releaseService } from './releases/release-service.ts';
import { softwareTables } from './tables.ts';

export interface SoftwareDeps {
  readonly region: string;
  readonly config: Config;
  readonly databaseUrl: string;
  readonly log: Logger;
}

export async function openSoftware({ region, config, databaseUrl, log }: SoftwareDeps): Promise<RunningSubgraph> {
  const now = (): Date => new Date();
  const dataSource = await openDatabase({
    url: databaseUrl,
    database: regionDatabase(config.database.prefix, region),
    tables: softwareTables,
    poolSize: config.database.poolSize,
    log,
  });
  const outbox = openOutbox({ dataSource, channel: outboxChannel('software'), now });
  const releases = releaseService({ outbox, now });
  return {
    name: 'software',
    schema: subgraphSchema('software', [releaseResolvers({ region, dataSource, releases })]),
    context: () => softwareContext(dataSource),
    outbox,
    close: () => dataSource.destroy(),
  };
}
