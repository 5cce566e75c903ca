// The seam between the gateway and whatever plans and executes: everything above it is the same for every engine.
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql';
import type { Logger } from '../../runtime/log.ts';
import type { EngineAnswer, PlannerChoice } from '../engine/engine.ts';
import type { PlannerProcessCounts } from '../engine/native-plans.ts';
import type { RegionDeps } from '../engine/region-sharding.ts';
import type { RequestScope, SubgraphRouter } from '../routing/subgraph-router.ts';
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
  /** The result as JSON text, where the engine has it: made once, however many clients get it. */
  text?(): string;
}

/** A query or mutation of a client, valid by `apiSchema`. */
export interface DirectRequest {
  readonly document: DocumentNode;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

export interface ExecutionEngine {
  readonly name: string;
  /** For `new ApolloServer({ gateway })`: queries and mutations. */
  readonly gateway: GatewayInterface;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  /** One result per event of the root stream, each with the rest of the plan run for it, in the stream's order. */
  subscribe(request: SubscriptionRequest): AsyncGenerator<SubscriptionEvent>;
  /** Runs what @apollo/server need not see (direct-answers.ts). Null when it is refused, before anything is done. */
  execute?(request: DirectRequest, scope: RequestScope): Promise<EngineAnswer | null>;
  /** For `new ApolloServer({ stringifyResult })`, when the engine hands answers over as text. */
  readonly stringifyResult?: (result: FormattedExecutionResult) => string;
  /** Numbers of its caches. */
  counts?(): EngineCounts;
  close?(): Promise<void>;
}

export interface EngineCounts {
  readonly planner: string;
  readonly plannerProcess?: PlannerProcessCounts | undefined;
  readonly operations: { readonly size: number; readonly hits: number; readonly misses: number };
  /** Executions of queries, and requests that were answered by one that was under way. */
  readonly queries: { readonly started: number; readonly joined: number };
}

export interface EngineDeps {
  readonly supergraphSdl: string;
  readonly router: SubgraphRouter;
  /** Where regions and the fleet service are, and how long they may take. */
  readonly regions: RegionDeps;
  readonly planner: PlannerChoice;
  /** Identical queries under way share one execution. */
  readonly shareQueries: boolean;
  readonly upstream: Upstream;
  readonly log: Logger;
}
