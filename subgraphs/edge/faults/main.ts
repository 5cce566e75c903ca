// Wires the faults subgraph of one region.
import { randomUUID } from 'node:crypto';
import { authHeaders } from '../../../runtime/config.ts';
import { followAlarmRate } from '../../catalogue/alarm-rate.ts';
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
import { correlationResolvers } from './correlation/correlation-resolvers.ts';
import { alarmRateResolvers } from './detectors/alarm-rate-resolvers.ts';
import { raisedInRegion } from './detectors/alarm-rate-store.ts';
import { watchFlapping } from './detectors/flapping-watch.ts';
import { usageResolvers } from './detectors/usage-resolvers.ts';
import { followInventory } from './directory/directory-follower.ts';
import { inventoryCopy } from './directory/inventory-copy.ts';
import { eventResolvers } from './events/event-resolvers.ts';
import { eventService } from './events/event-service.ts';
import { lastNumber } from './events/event-store.ts';
import { watchHiding } from './hiding/hiding-watch.ts';
import { alarmHistory } from './history/alarm-history.ts';
import { dayLog } from './history/day-log.ts';
import { historyResolvers } from './history/history-resolvers.ts';
import { sweepHistory } from './history/history-sweep.ts';
import { maintenanceResolvers } from './maintenance/maintenance-resolvers.ts';
import { maintenanceService } from './maintenance/maintenance-service.ts';
import { suppressionResolvers } from './suppressions/suppression-resolvers.ts';
import { suppressionService } from './suppressions/suppression-service.ts';
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
  const kept = { sql: dataSource, outbox, retention: config.faults, now };
  const history = alarmHistory({ ...kept, log });
  const { flapping } = config.faults;
  const alarms = alarmService({ sql: dataSource, outbox, catalogue, history, flapping, now, newId: randomUUID });
  const suppressions = suppressionService({ outbox, history, now, newId: randomUUID });
  const maintenance = maintenanceService({ ...kept, history, newId: randomUUID });
  const eventDays = dayLog({ ...kept, table: 'event', log, head: () => lastNumber(dataSource) });
  const events = eventService({ outbox, catalogue, days: eventDays, now, newId: randomUUID });
  const stopSweeping = await sweepHistory([history, maintenance, events], log);
  const stopWatching = watchHiding({ sql: dataSource, suppressions, maintenance, log, now });
  const rate = followAlarmRate(raisedInRegion(dataSource), now);
  const stopUnmarking = watchFlapping({ sql: dataSource, outbox, history, settings: flapping, log, now });
  const copy = inventoryCopy({ dataSource, outbox, alarms, events });
  const stopFollowing = followInventory({ region, door, headers: authHeaders(config), copy, log });
  return {
    name: 'faults',
    schema: subgraphSchema('faults', [
      alarmRateResolvers(rate),
      alarmResolvers({ region, dataSource, alarms, now }),
      catalogueResolvers(catalogue),
      eventResolvers({ region, dataSource, catalogue, events }),
      correlationResolvers(now),
      historyResolvers(dataSource),
      maintenanceResolvers({ region, dataSource, maintenance }),
      suppressionResolvers({ region, dataSource, suppressions }),
      usageResolvers(alarms, config.thresholds, now),
    ]),
    context: () => faultsContext(dataSource),
    outbox,
    snapshot: OPEN_ALARMS,
    routes: [alertmanagerRoute({ region, alarms, catalogue, log })],
    close: async () => {
      await stopSweeping();
      await stopWatching();
      await stopUnmarking();
      await stopFollowing();
      await store.close();
    },
  };
}
