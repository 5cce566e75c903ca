// The reference engine: @apollo/gateway plans and executes queries and mutations; subscriptions, which it refuses, run
// its planner's SubscriptionNode with its exported executor, once per event.
import { Supergraph } from '@apollo/federation-internals';
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { QueryPlanner } from '@apollo/query-planner';
import { disableApolloTelemetry } from '../../runtime/config.ts';
import { SUBGRAPHS } from '../../schema/sources.ts';
import { newRequestScope, type RequestScope, type SubgraphRouter } from '../routing/subgraph-router.ts';
import type { SubgraphAnswer, SubgraphRequest } from '../routing/transport.ts';
import type { EngineDeps, ExecutionEngine } from './engine.ts';
import { subscriptionExecutor } from './subscription-executor.ts';

export function apolloEngine({ supergraphSdl, router, upstream, log }: EngineDeps): ExecutionEngine {
  disableApolloTelemetry();
  const supergraph = Supergraph.build(supergraphSdl);
  const apiSchema = supergraph.apiSchema().toGraphQLJSSchema();
  const services = Object.fromEntries(SUBGRAPHS.map(name => [name, dataSource(router, name)]));
  const gateway = new ApolloGateway({ supergraphSdl, buildService: ({ name }) => services[name]!, logger: log });
  return {
    name: 'apollo',
    gateway: gateway as ExecutionEngine['gateway'],
    apiSchema,
    subscribe: subscriptionExecutor({
      supergraph,
      planner: new QueryPlanner(supergraph),
      apiSchema,
      services,
      upstream,
      log,
    }),
  };
}

function dataSource(router: SubgraphRouter, name: string): GraphQLDataSource {
  return {
    process: async ({ request, context }) => {
      const answer = await router.fetch(name, request as SubgraphRequest, scopeOf(context));
      return answer as SubgraphAnswer & { data?: Record<string, unknown> };
    },
  } as GraphQLDataSource;
}

/** The context of a client request is its scope; what @apollo/gateway asks for itself has none. */
const scopeOf = (context: unknown): RequestScope =>
  typeof context === 'object' && context !== null && 'failures' in context
    ? (context as RequestScope)
    : newRequestScope();
