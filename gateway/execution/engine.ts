// The seam between the gateway and whatever plans and executes: everything above it is the same for every engine.
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import type { SubgraphRouter } from '../routing/subgraph-router.ts';
import type { Upstream } from '../subscriptions/upstream.ts';

export interface SubscriptionRequest {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string | undefined;
}

export interface ExecutionEngine {
  readonly name: string;
  /** For `new ApolloServer({ gateway })`: queries and mutations. */
  readonly gateway: GatewayInterface;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** One result per event of the root stream, each with the rest of the plan run for it, in the stream's order. */
  subscribe(request: SubscriptionRequest): AsyncGenerator<ExecutionResult>;
}

export interface EngineDeps {
  readonly supergraphSdl: string;
  readonly router: SubgraphRouter;
  readonly upstream: Upstream;
  readonly log: Logger;
}
