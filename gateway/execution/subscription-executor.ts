// Runs a subscription: the primary fetch of its plan is a stream, and for each event the rest of the plan is executed as
// a query whose first fetch is the event.
import { operationFromDocument, type Supergraph } from '@apollo/federation-internals';
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource, type ServiceMap } from '@apollo/gateway';
import type { FetchNode, QueryPlan, QueryPlanner, SubscriptionNode } from '@apollo/query-planner';
import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import { newRequestScope } from '../routing/subgraph-router.ts';
import type { SubgraphAnswer } from '../routing/transport.ts';
import { inOrder } from '../subscriptions/in-order.ts';
import { type RootEvent, rootStream } from '../subscriptions/root-stream.ts';
import type { Upstream } from '../subscriptions/upstream.ts';
import type { ExecutionEngine, SubscriptionEvent, SubscriptionRequest } from './engine.ts';

export interface SubscriptionExecutorDeps {
  readonly supergraph: Supergraph;
  readonly planner: QueryPlanner;
  readonly apiSchema: GraphQLSchema;
  readonly services: ServiceMap;
  readonly upstream: Upstream;
  readonly log: Logger;
}

const AT_ONCE = 16; // events of one subscription whose plans run side by side; they are delivered in order

export function subscriptionExecutor(deps: SubscriptionExecutorDeps): ExecutionEngine['subscribe'] {
  const { supergraph, planner, apiSchema, upstream } = deps;
  const api = supergraph.apiSchema();
  const supergraphSchema = supergraph.schema.toGraphQLJSSchema();

  // no generator itself: one that waits would keep a client from leaving (runtime/prompt-return.ts)
  return request => {
    const { document, variables, operationName } = request;
    const operation = operationFromDocument(api, document, operationName === undefined ? {} : { operationName });
    const { primary, rest } = planner.buildQueryPlan(operation).node as SubscriptionNode;
    const plan: QueryPlan = {
      kind: 'QueryPlan',
      node: { kind: 'Sequence', nodes: rest ? [primary, rest] : [primary] },
    };
    const operationContext = buildOperationContext({
      schema: apiSchema,
      operationDocument: document,
      ...(operationName === undefined ? {} : { operationName }),
    });
    const runFor = async ({ result, cursor, facts }: RootEvent): Promise<SubscriptionEvent> => ({
      result: await runPlan(result),
      cursor,
      facts,
    });
    const runPlan = (event: SubgraphAnswer): Promise<ExecutionResult> =>
      executeQueryPlan(
        plan,
        { ...deps.services, [primary.serviceName]: eventFirst(primary, event, deps.services[primary.serviceName]!) },
        requestContext(deps, request),
        operationContext,
        supergraphSchema,
        api,
      ) as Promise<ExecutionResult>;
    const root = { query: primary.operation, variables: pick(variables, primary.variableUsages ?? []) };
    const events = rootStream(upstream, root, request.resumeAfter ?? null);
    return inOrder(events, runFor, AT_ONCE);
  };
}

/** The service of the primary fetch: that fetch answers the event, every other one is sent as usual. */
function eventFirst(primary: FetchNode, event: SubgraphAnswer, service: GraphQLDataSource): GraphQLDataSource {
  return {
    process: options =>
      options.request.query === primary.operation
        ? Promise.resolve(structuredClone(event) as Awaited<ReturnType<GraphQLDataSource['process']>>)
        : service.process(options),
  };
}

/** As much of a request context as the executor reads. A scope of its own: one event's failures are not the next one's. */
function requestContext(
  { apiSchema, log }: SubscriptionExecutorDeps,
  { document, variables }: SubscriptionRequest,
): GatewayGraphQLRequestContext {
  return {
    request: { variables },
    context: newRequestScope(),
    document,
    schema: apiSchema,
    logger: log,
    metrics: {},
  } as unknown as GatewayGraphQLRequestContext;
}

const pick = (variables: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter(name => name in variables).map(name => [name, variables[name]]));
