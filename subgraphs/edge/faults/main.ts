// Wires the faults subgraph of one region.
import { randomUUID } from 'node:crypto';
import { authHeaders, type Config } from '../../../runtime/config.ts';
import type { Logger } from '../../../runtime/log.ts';
import { readCatalogue } from '../../catalogue/catalogue.ts';
import { openDatabase, regionDatabase } from '../../runtime/database.ts';
import { openOutbox } from '../../runtime/outbox.ts';
import { outboxChannel, type RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { alarmResolvers } from './alarms/alarm-resolvers.ts';
import { alarmService } from './alarms/alarm-service.ts';
import { alertmanagerRoute } from './alertmanager/alertmanager-route.ts';
import { catalogueResolvers } from './catalogue/catalogue-resolvers.ts';
import { faultsContext } from './context.ts';
import { usageResolvers } from './detectors/usage-resolvers.ts';
import { followInventory } from './directory/directory-follower.ts';
import { alarmHistory } from './history/alarm-history.ts';
import { historyResolvers } from './history/history-resolvers.ts';
import { sweepHistory } from './history/history-sweep.ts';
import { suppressionResolvers } from './suppressions/suppression-resolvers.ts';
import { suppressionService } from './suppressions/suppression-service.ts';
import { watchSuppressions } from './suppressions/suppression-watch.ts';
import { faultsTables } from './tables.ts';

export interface FaultsDeps {
  readonly region: string;
  readonly config: Config;
  readonly databaseUrl: string;
  /** The region's own door, to follow its inventory. */
  readonly door: string;
  readonly log: Logger;
}

export async function openFaults({ region, config, databaseUrl, door, log }: FaultsDeps): Promise<RunningSubgraph> {
  const now = (): Date => new Date();
  const dataSource = await openDatabase({
    url: databaseUrl,
    database: regionDatabase(config.database.prefix, region),
    tables: faultsTables,
    poolSize: config.database.poolSize,
    log,
  });
  const outbox = openOutbox({ dataSource, channel: outboxChannel('faults'), now });
  const catalogue = readCatalogue();
  const history = alarmHistory({ sql: dataSource, outbox, retention: config.faults, log, now });
  const stopSweeping = await sweepHistory(history, log);
  const alarms = alarmService({ sql: dataSource, outbox, catalogue, history, now, newId: randomUUID });
  const suppressions = suppressionService({ sql: dataSource, outbox, history, now, newId: randomUUID });
  const stopWatching = watchSuppressions({ suppressions, log });
  const stopFollowing = followInventory({ region, door, headers: authHeaders(config), dataSource, log });
  return {
    name: 'faults',
    schema: subgraphSchema('faults', [
      alarmResolvers({ region, dataSource, alarms, now }),
      catalogueResolvers(catalogue),
      historyResolvers(dataSource),
      suppressionResolvers({ region, dataSource, suppressions }),
      usageResolvers(alarms, config.thresholds),
    ]),
    context: () => faultsContext(dataSource),
    outbox,
    routes: [alertmanagerRoute({ region, alarms, log })],
    close: async () => {
      await stopSweeping();
      await stopWatching();
      await stopFollowing();
      await dataSource.destroy();
    },
  };
}
