// Wires the gateway: stateless, it may be killed and multiplied at will.
import fs from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { openAdmission } from '../runtime/admission.ts';
import { openApollo } from '../runtime/apollo.ts';
import { authHeaders, type Config, fleetUrl } from '../runtime/config.ts';
import { answerGraphql } from '../runtime/graphql-route.ts';
import { serveWebSocket } from '../runtime/graphql-ws.ts';
import { healthRoutes } from '../runtime/health.ts';
import { openDoor, type Route } from '../runtime/http-door.ts';
import type { Logger } from '../runtime/log.ts';
import { openMetrics } from '../runtime/metrics.ts';
import type { Part } from '../runtime/part.ts';
import { readSupergraph } from '../schema/sources.ts';
import { directAnswers } from './execution/direct-answers.ts';
import type { EngineDeps, ExecutionEngine } from './execution/engine.ts';
import { engineGenerations } from './execution/engine-generations.ts';
import { engineMetrics } from './execution/engine-metrics.ts';
import { watchSupergraph } from './execution/supergraph-watch.ts';
import { answerPage, wantsPage } from './plugins/query-page.ts';
import { statusByType } from './plugins/status-by-type.ts';
import { subscriptionNotice } from './plugins/subscription-notice.ts';
import { followDirectory } from './routing/region-directory.ts';
import { releaseFetch } from './routing/release-fetch.ts';
import { newRequestScope, type RequestScope, subgraphRouter } from './routing/subgraph-router.ts';
import { openDeliveries } from './subscriptions/deliveries.ts';
import { openDeliveryAccount } from './subscriptions/delivery-account.ts';
import { httpSubscriptions } from './subscriptions/http-subscription.ts';
import { executeOver, type SocketContext, subscribeOver } from './subscriptions/socket-operations.ts';
import { eventStream, multipart, wantsMultipart } from './subscriptions/stream-formats.ts';
import { subscriptionMetrics } from './subscriptions/subscription-metrics.ts';
import { openUpstream } from './subscriptions/upstream.ts';
import { letHeapGrow } from './transport/heap-growth.ts';
import { openTransport, type TransportDeps } from './transport/region-transport.ts';
import { transportMetrics } from './transport/transport-metrics.ts';

type OpenEngine = (deps: EngineDeps) => ExecutionEngine | Promise<ExecutionEngine>;

/** Only the one that is wanted is loaded: @apollo/gateway alone takes a second and 50 MB. */
const ENGINES: Readonly<Record<Config['gateway']['engine'], () => Promise<OpenEngine>>> = {
  murmuration: async () => (await import('./execution/murmuration-engine.ts')).murmurationEngine,
  apollo: async () => (await import('./execution/apollo-engine.ts')).apolloEngine,
};

const SUPERGRAPH_LOOK_MS = 1_000;

export async function startGateway({ config, log }: { readonly config: Config; readonly log: Logger }): Promise<Part> {
  letHeapGrow();
  const headers = authHeaders(config);
  const fleet = fleetUrl(config);
  const transport = openTransport({ headers, ...transportRules(config.gateway) });
  const directory = followDirectory({ url: fleet, headers, log, heard: transport.heard });
  const upstream = openUpstream({ fleetUrl: `${fleet}/graphql`, headers });
  const { fleetDeadlineMs, regionDeadlineMs, planner, edgeDoors, shareQueries } = config.gateway;
  const release = releaseFetch({ transport, regionDeadlineMs });
  const wires = { directory, transport, release, fleetUrl: `${fleet}/graphql`, fleetDeadlineMs, regionDeadlineMs };
  const openEngine = await ENGINES[config.gateway.engine]();
  const engineDeps = {
    router: subgraphRouter(wires),
    regions: { ...wires, doors: edgeDoors, now: Date.now },
    planner,
    shareQueries,
    upstream,
    log,
  };
  const file = config.gateway.supergraph;
  const supergraph = file === undefined ? readSupergraph() : fs.readFileSync(file, 'utf8');
  const open = (supergraphSdl: string) => openEngine({ supergraphSdl, ...engineDeps });
  const engine = await engineGenerations({ open, log }, supergraph);
  const stopWatching =
    file === undefined
      ? async () => undefined
      : watchSupergraph({ file, current: supergraph, everyMs: SUPERGRAPH_LOOK_MS, reload: engine.reload, log });
  const direct = directAnswers(engine);
  const apollo = await openApollo<RequestScope>(log, {
    gateway: engine.gateway,
    plugins: [subscriptionNotice, statusByType, direct.plugin],
    csrfPrevention: false, // the route refuses what comes from another site, and only that
    ...(engine.stringifyResult ? { stringifyResult: engine.stringifyResult } : {}),
  });
  const admission = openAdmission({ limits: config.gateway.limits });
  const account = openDeliveryAccount({ fleetUrl: fleet, headers, log });
  const deliveries = openDeliveries({ engine, generation: engine.generation, delivered: account.note });
  const metrics = openMetrics('gateway');
  subscriptionMetrics(metrics, { deliveries, admission, account });
  engineMetrics(metrics, engine, direct);
  transportMetrics(metrics, wires);
  const subscriptions = httpSubscriptions({ engine, deliveries, admission });
  const graphql: Route = {
    path: '/graphql',
    open: wantsPage,
    handle: exchange => {
      if (wantsPage(exchange)) return answerPage(exchange);
      if (wantsMultipart(exchange.req.headers.accept)) return subscriptions.answer(exchange, multipart);
      return answerGraphql(apollo, async (req, gone) => explainable(req, newRequestScope(gone)), exchange, direct);
    },
  };
  const door = await openDoor({
    host: config.host,
    port: config.gateway.port,
    token: config.auth.token,
    log,
    routes: [
      graphql,
      { path: '/graphql/stream', handle: exchange => subscriptions.answer(exchange, eventStream) },
      metrics.route,
      { path: '/', open: true, handle: ({ res }) => void res.writeHead(302, { location: '/graphql' }).end() },
      ...healthRoutes(() => readiness(directory, engine)),
    ],
  });
  const sockets = serveWebSocket({
    server: door.server,
    path: '/graphql',
    token: config.auth.token,
    log,
    schema: () => engine.apiSchema,
    context: (sink): SocketContext => ({ sink }),
    execute: executeOver(apollo),
    subscribe: subscribeOver(deliveries),
    admission,
    connectionInitMs: config.gateway.limits.connectionInitMs,
  });
  return {
    url: `${door.origin}/graphql`,
    close: async () => {
      await stopWatching();
      await Promise.all([sockets.close(), door.close()]);
      await account.close();
      await apollo.stop();
      await engine.close?.();
      await upstream.close();
      await directory.close();
      await transport.close();
    },
  };
}

function transportRules(gateway: Config['gateway']): Omit<TransportDeps, 'headers'> {
  return {
    connectionsPerOrigin: gateway.connectionsPerOrigin,
    rules: {
      atOnce: gateway.connectionsPerRegion,
      queue: gateway.queuePerRegion,
      shares: gateway.shareQueries,
      circuit: {
        failures: gateway.circuitFailures,
        pauseMs: gateway.circuitPauseMs,
        longestPauseMs: gateway.circuitLongestPauseMs,
      },
    },
  };
}

/** Whoever may ask at all, by the token or from this machine, may ask how the answer came about. */
const explainable = ({ headers }: IncomingMessage, scope: RequestScope): RequestScope =>
  headers['murmuration-explain'] === '1' ? { ...scope, explain: [] } : scope;

/** Ready once the regions are known; regions that are down, or a silent fleet service, do not change that. */
function readiness(directory: ReturnType<typeof followDirectory>, engine: ExecutionEngine) {
  const { known, followed } = directory.state();
  const regions = Object.fromEntries(directory.all().map(region => [region.id, region.contact]));
  return { ready: known, engine: engine.name, fleet: followed ? 'followed' : 'silent', regions };
}
