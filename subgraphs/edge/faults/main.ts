// Wires the faults subgraph of one region.
import { randomUUID } from 'node:crypto';
import { authHeaders } from '../../../runtime/config.ts';
import { readCatalogue } from '../../catalogue/catalogue.ts';
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { alarmResolvers } from './alarms/alarm-resolvers.ts';
import { alarmService } from './alarms/alarm-service.ts';
import { OPEN_ALARMS } from './alarms/alarm-store.ts';
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

export interface FaultsDeps extends EdgeSubgraphDeps {
  /** The region's own door, to follow its inventory. */
  readonly door: string;
}

export async function openFaults(deps: FaultsDeps): Promise<RunningSubgraph> {
  const { region, config, door, log } = deps;
  const store = await openEdgeStore('faults', faultsTables, deps);
  const { dataSource, outbox, now } = store;
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
    snapshot: OPEN_ALARMS,
    routes: [alertmanagerRoute({ region, alarms, log })],
    close: async () => {
      await stopSweeping();
      await stopWatching();
      await stopFollowing();
      await store.close();
    },
  };
}
