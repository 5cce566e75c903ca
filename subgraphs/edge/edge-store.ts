// What every edge subgraph stands on: its part of the region's database, its outbox, and the sweeps of what is kept only
// for a while.
import type { DataSource } from 'typeorm';
import type { Config } from '../../runtime/config.ts';
import type { Logger } from '../../runtime/log.ts';
import type { EdgeSubgraph } from '../../schema/sources.ts';
import { openDatabase, regionDatabase, type SubgraphTables } from '../runtime/database.ts';
import { sweepKeys } from '../runtime/idempotency.ts';
import { type Outbox, openOutbox } from '../runtime/outbox.ts';
import { pruneOutbox } from '../runtime/outbox-retention.ts';
import { outboxChannel } from '../runtime/subgraph.ts';

export interface EdgeSubgraphDeps {
  readonly region: string;
  readonly config: Config;
  /** Any database of the server. */
  readonly databaseUrl: string;
  readonly log: Logger;
}

export interface EdgeStore {
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  now(): Date;
  close(): Promise<void>;
}

export async function openEdgeStore(
  name: EdgeSubgraph,
  tables: SubgraphTables,
  { region, config, databaseUrl, log }: EdgeSubgraphDeps,
): Promise<EdgeStore> {
  const now = (): Date => new Date();
  const dataSource = await openDatabase({
    url: databaseUrl,
    database: regionDatabase(config.database.prefix, region),
    tables,
    poolSize: config.database.poolSize,
    log,
  });
  const stopSweeping = sweepKeys(dataSource, log, now);
  const outbox = openOutbox({ dataSource, channel: outboxChannel(name), now });
  const stopPruning = pruneOutbox({ outbox, ...config.outbox, log, now });
  return {
    dataSource,
    outbox,
    now,
    close: async () => {
      await stopPruning();
      await stopSweeping();
      await dataSource.destroy();
    },
  };
}
