// A process: our engine behind our front, over any supergraph. Only for topologies without regions; those with them are
// asked through the gateway as it is run.
import fs from 'node:fs';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { type Logger, pino } from 'pino';
import { openTransport, type SubgraphRequest } from '../../gateway/routing/transport.ts';
import { openApollo } from '../../runtime/apollo.ts';
import { disableApolloTelemetry } from '../../runtime/config.ts';
import { graphqlRoute } from '../../runtime/graphql-route.ts';
import { openDoor } from '../../runtime/http-door.ts';
import type { EngineSettings } from './engines.ts';

process.on('disconnect', () => process.exit()); // the bench is gone, however it went

const DEADLINE_MS = 30_000; // a busy bench is no failing subgraph

const { supergraphFile, services } = JSON.parse(process.argv[2]!) as EngineSettings;
disableApolloTelemetry();
const log: Logger = pino({ level: 'silent' });
const transport = openTransport({ headers: {}, connections: 8 });
const gateway = new ApolloGateway({
  supergraphSdl: fs.readFileSync(supergraphFile, 'utf8'),
  logger: log,
  buildService: ({ name }) =>
    ({
      process: ({ request }: { request: unknown }) =>
        transport.post(services[name]!, request as SubgraphRequest, DEADLINE_MS),
    }) as unknown as GraphQLDataSource,
});
const apollo = await openApollo(log, { gateway: gateway as never });
const door = await openDoor({
  host: '127.0.0.1',
  port: 0,
  log,
  routes: [graphqlRoute('/graphql', apollo, async () => ({}))],
});
console.log(`listening ${door.origin}/graphql`);
