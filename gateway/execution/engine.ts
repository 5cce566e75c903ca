// The seam between the gateway and whatever plans and executes: everything above it is the same for every engine.
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import type { SubgraphRouter } from '../routing/subgraph-router.ts';
import type { FeedFacts } from '../subscriptions/feed-operation.ts';
import type { Upstream } from '../subscriptions/upstream.ts';

export interface SubscriptionRequest {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName?: string | undefined;
  /** Go on with an alarm feed after this cursor, whatever the operation says. */
  readonly resumeAfter?: string | undefined;
}

/** One result of a subscription. Cursor and facts are those of its root event (subscriptions/root-stream.ts). */
export interface SubscriptionEvent {
  readonly result: ExecutionResult;
  readonly cursor: string | null;
  readonly facts: FeedFacts | null;
  /** The result as JSON text, from an engine that has it at hand. */
  text?(): string;
}

export interface ExecutionEngine {
  readonly name: string;
  /** For `new ApolloServer({ gateway })`: queries and mutations. */
  readonly gateway: GatewayInterface;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** One result per event of the root stream, each with the rest of the plan run for it, in the stream's order. */
  subscribe(request: SubscriptionRequest): AsyncGenerator<SubscriptionEvent>;
}

export interface EngineDeps {
  readonly supergraphSdl: string;
  readonly router: SubgraphRouter;
  readonly upstream: Upstream;
  readonly log: Logger;
}
