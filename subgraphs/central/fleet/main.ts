// Wires the fleet service: the fleet subgraph, the stream of the region directory, and, in one replica, the mirror.
import { openApollo } from '../../../runtime/apollo.ts';
import { authHeaders, type Config } from '../../../runtime/config.ts';
import { graphqlRoute } from '../../../runtime/graphql-route.ts';
import { serveWebSocket } from '../../../runtime/graphql-ws.ts';
import { healthRoutes, probe } from '../../../runtime/health.ts';
import { openDoor } from '../../../runtime/http-door.ts';
import type { Logger } from '../../../runtime/log.ts';
import { openMetrics } from '../../../runtime/metrics.ts';
import type { Part } from '../../../runtime/part.ts';
import { followAlarmRate } from '../../catalogue/alarm-rate.ts';
import { readCatalogue } from '../../catalogue/catalogue.ts';
import { centreDatabase, databaseUrl, openDatabase } from '../../runtime/database.ts';
import { databaseFault } from '../../runtime/database-fault.ts';
import { sweepKeys } from '../../runtime/idempotency.ts';
import { openListener } from '../../runtime/listener.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { raisedInFleet } from './alarms/alarm-rate-store.ts';
import { alarmResolvers } from './alarms/alarm-resolvers.ts';
import { alignmentMetrics } from './alignment/alignment-metrics.ts';
import { alignmentResolvers } from './alignment/alignment-resolvers.ts';
import { alignmentService } from './alignment/alignment-service.ts';
import { catalogueResolvers } from './catalogue/catalogue-resolvers.ts';
import { contactMetrics } from './contact/contact-metrics.ts';
import { fleetContext } from './context.ts';
import { correlationResolvers } from './correlation/correlation-resolvers.ts';
import { deliveryReports, sweepTellers } from './feed/delivery-reports.ts';
import { feedAccountResolvers } from './feed/feed-account-resolvers.ts';
import { feedCursors } from './feed/feed-cursor.ts';
import { feedMetrics } from './feed/feed-metrics.ts';
import { feedResolvers } from './feed/feed-resolvers.ts';
import { snapshotTaker } from './feed/feed-snapshot.ts';
import { feedHead } from './feed/feed-store.ts';
import { openFeedTail } from './feed/feed-tail.ts';
import { openLogTail } from './feed/log-tail.ts';
import { historyResolvers } from './history/history-resolvers.ts';
import { HOST_CHANNEL, hostLogHead, readHostLog } from './hosts/host-log-store.ts';
import { hostResolvers } from './hosts/host-resolvers.ts';
import { standForLeader } from './mirror/leadership.ts';
import { runMirror } from './mirror/mirror.ts';
import { FEED_CHANNEL } from './mirror/mirror-store.ts';
import { answerDirectory } from './regions/directory-stream.ts';
import { regionResolvers } from './regions/region-resolvers.ts';
import { regionService } from './regions/region-service.ts';
import { watchRegions } from './regions/region-watch.ts';
import { fleetTables } from './tables.ts';

export async function startFleet({ config, log }: { readonly config: Config; readonly log: Logger }): Promise<Part> {
  const now = (): Date => new Date();
  const serverUrl = config.database.url;
  if (serverUrl === undefined)
    throw new Error('No database: set database.url (MURMUR_DATABASE_URL) to a PostgreSQL server.');
  const database = centreDatabase(config.database.prefix);
  const centreUrl = databaseUrl(serverUrl, database);
  const dataSource = await openDatabase({
    url: serverUrl,
    database,
    tables: fleetTables,
    poolSize: Math.max(config.database.poolSize, 8), // the mirror, the watch and the lists side by side
    log,
  });
  const watch = await watchRegions(dataSource, log, now);
  const regions = regionService({
    dataSource,
    now,
    changed: () => void watch.look().catch(error => log.warn({ err: error }, 'regions not read after a change')),
  });
  const stopSweeping = sweepKeys(dataSource, log, now);
  const listener = await openListener(centreUrl, [FEED_CHANNEL, HOST_CHANNEL], log);
  const tail = await openFeedTail(dataSource, listener, log);
  const hostTail = await openLogTail({
    name: 'log of host changes',
    head: async () => (await hostLogHead(dataSource)).position,
    read: (after, limit) => readHostLog(dataSource, after, limit),
    channel: HOST_CHANNEL,
    listener,
    log,
  });
  const head = await feedHead(dataSource);
  const cursors = feedCursors(head.secret);
  const schema = subgraphSchema('fleet', [
    regionResolvers({ dataSource, regions, watch, now }),
    alignmentResolvers(alignmentService({ sql: dataSource, regions })),
    alarmResolvers(dataSource, watch, followAlarmRate(raisedInFleet(dataSource), now)),
    catalogueResolvers(readCatalogue()),
    correlationResolvers(watch),
    hostResolvers({
      dataSource,
      tail: hostTail,
      cursors: feedCursors(head.secret, 'hosts1'),
      watch,
      now,
    }),
    historyResolvers(dataSource),
    feedAccountResolvers(dataSource),
    feedResolvers({
      dataSource,
      tail,
      takeSnapshot: snapshotTaker(dataSource),
      cursors,
      watch,
      heartbeatMs: config.fleet.feedHeartbeatMs,
      now,
    }),
  ]);
  const metrics = openMetrics('fleet');
  feedMetrics(metrics, dataSource);
  alignmentMetrics(metrics, dataSource);
  contactMetrics(metrics, watch, now);
  const stopForgetting = sweepTellers(dataSource, log, now);
  const apollo = await openApollo(log, { schema }, databaseFault);
  const door = await openDoor({
    host: config.host,
    port: config.fleet.port,
    token: config.auth.token,
    log,
    routes: [
      graphqlRoute('/graphql', apollo, async () => fleetContext(dataSource, watch, { cache: true })),
      deliveryReports(dataSource, now),
      metrics.route,
      { path: '/directory', handle: exchange => answerDirectory(watch, exchange) },
      ...healthRoutes(async () => {
        const database = await probe(() => feedHead(dataSource));
        const regions = Object.fromEntries([...watch.table()].map(([id, { contact }]) => [id, contact.state]));
        return { ready: database === 'ok', database, regions };
      }),
    ],
  });
  const sockets = serveWebSocket({
    server: door.server,
    path: '/graphql',
    token: config.auth.token,
    log,
    schema,
    faultOf: databaseFault,
    context: () => fleetContext(dataSource, watch, { cache: false }),
  });
  const stopMirror = standForLeader({
    connectionString: centreUrl,
    log,
    lead: () =>
      runMirror({
        dataSource,
        watch,
        told: tail.add,
        headers: authHeaders(config),
        realignEveryMs: config.fleet.realignEveryMs,
        retention: { keepHours: config.fleet.feedKeepHours, keepEvents: config.fleet.feedKeepEvents },
        log,
        now,
      }),
  });
  return {
    url: door.origin,
    close: async () => {
      await sockets.close();
      await door.close();
      await apollo.stop();
      await stopMirror();
      await watch.close();
      await tail.close();
      await hostTail.close();
      await listener.close();
      await stopSweeping();
      await stopForgetting();
      await dataSource.destroy();
    },
  };
}
