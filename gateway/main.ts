// Wires the gateway: stateless, it may be killed and multiplied at will.
import type { IncomingMessage } from 'node:http';
import { openApollo } from '../runtime/apollo.ts';
import { authHeaders, type Config, fleetUrl } from '../runtime/config.ts';
import { answerGraphql } from '../runtime/graphql-route.ts';
import { serveWebSocket } from '../runtime/graphql-ws.ts';
import { healthRoutes } from '../runtime/health.ts';
import { openDoor, type Route } from '../runtime/http-door.ts';
import type { Logger } from '../runtime/log.ts';
import type { Part } from '../runtime/part.ts';
import { readSupergraph } from '../schema/sources.ts';
import type { EngineDeps, ExecutionEngine } from './execution/engine.ts';
import { answerPage, wantsPage } from './plugins/query-page.ts';
import { subscriptionNotice } from './plugins/subscription-notice.ts';
import { followDirectory } from './routing/region-directory.ts';
import { newRequestScope, type RequestScope, subgraphRouter } from './routing/subgraph-router.ts';
import { unshared } from './routing/transport.ts';
import { answerSubscription } from './subscriptions/http-subscription.ts';
import { executeOver, subscribeOver } from './subscriptions/socket-operations.ts';
import { eventStream, multipart, wantsMultipart } from './subscriptions/stream-formats.ts';
import { openUpstream } from './subscriptions/upstream.ts';
import { openTransport } from './transport/region-transport.ts';

type OpenEngine = (deps: EngineDeps) => ExecutionEngine | Promise<ExecutionEngine>;

/** Only the one that is wanted is loaded: @apollo/gateway alone takes a second and 50 MB. */
const ENGINES: Readonly<Record<Config['gateway']['engine'], () => Promise<OpenEngine>>> = {
  murmuration: async () => (await import('./execution/murmuration-engine.ts')).murmurationEngine,
  apollo: async () => (await import('./execution/apollo-engine.ts')).apolloEngine,
};

export async function startGateway({ config, log }: { readonly config: Config; readonly log: Logger }): Promise<Part> {
  const headers = authHeaders(config);
  const fleet = fleetUrl(config);
  const directory = followDirectory({ url: fleet, headers, log });
  const transport = openTransport({ headers, connections: config.gateway.connectionsPerRegion });
  const upstream = openUpstream({ fleetUrl: `${fleet}/graphql`, headers });
  const { fleetDeadlineMs, regionDeadlineMs, planner, edgeDoors, shareQueries } = config.gateway;
  const wires = {
    directory,
    transport: shareQueries ? transport : unshared(transport),
    fleetUrl: `${fleet}/graphql`,
    fleetDeadlineMs,
    regionDeadlineMs,
  };
  const openEngine = await ENGINES[config.gateway.engine]();
  const engine = await openEngine({
    supergraphSdl: readSupergraph(),
    router: subgraphRouter(wires),
    regions: { ...wires, doors: edgeDoors, now: Date.now },
    planner,
    shareQueries,
    upstream,
    log,
  });
  const apollo = await openApollo<RequestScope>(log, {
    gateway: engine.gateway,
    plugins: [subscriptionNotice],
    ...(engine.stringifyResult ? { stringifyResult: engine.stringifyResult } : {}),
  });
  const graphql: Route = {
    path: '/graphql',
    open: wantsPage,
    handle: exchange => {
      if (wantsPage(exchange)) return answerPage(exchange);
      if (wantsMultipart(exchange.req.headers.accept)) return answerSubscription(engine, exchange, multipart);
      return answerGraphql(apollo, async req => explainable(req, newRequestScope()), exchange);
    },
  };
  const door = await openDoor({
    host: config.host,
    port: config.gateway.port,
    token: config.auth.token,
    log,
    routes: [
      graphql,
      { path: '/graphql/stream', handle: exchange => answerSubscription(engine, exchange, eventStream) },
      { path: '/', open: true, handle: ({ res }) => void res.writeHead(302, { location: '/graphql' }).end() },
      ...healthRoutes(() => readiness(directory, engine)),
    ],
  });
  const sockets = serveWebSocket({
    server: door.server,
    path: '/graphql',
    token: config.auth.token,
    log,
    schema: engine.apiSchema,
    context: () => newRequestScope(),
    execute: executeOver(apollo),
    subscribe: subscribeOver(engine),
  });
  return {
    url: `${door.origin}/graphql`,
    close: async () => {
      await sockets.close();
      await door.close();
      await apollo.stop();
      await engine.close?.();
      await upstream.close();
      await directory.close();
      await transport.close();
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
