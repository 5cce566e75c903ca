// Those that answer operations over a federation: the stock gateway and our own engine.
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { type DocumentNode, print } from 'graphql';
import { pino } from 'pino';
import { FetchFailure } from '../../../federation/subgraph-answer.ts';
import { createEngine, type PlannerChoice } from '../../../gateway/engine/engine.ts';
import { disableApolloTelemetry } from '../../../runtime/config.ts';
import type { Answer, Federation } from './federation.ts';
import { hashOf } from './random.ts';
import type { Scope } from './synthetic-data.ts';

export interface Question {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OracleEngine {
  answer(question: Question, scope: Scope): Promise<Answer>;
  /** How often the planner process died. */
  crashes?(): number;
  close(): Promise<void>;
}

export type OpenEngine = (federation: Federation) => Promise<OracleEngine>;

type Executor = (context: object) => Promise<Answer>;

/** Only its planner and its executor: no server before it. */
export function stockGateway(queryPlannerConfig: object = {}): OpenEngine {
  return async ({ supergraphSdl, ask }) => {
    disableApolloTelemetry();
    const dataSource = (name: string) => ({
      process: ({ request, context }: { request: { query: string; variables?: object }; context: Scope }) =>
        ask(name, request as { query: string }, context),
    });
    const gateway = new ApolloGateway({
      supergraphSdl,
      queryPlannerConfig,
      logger: pino({ level: 'silent' }),
      buildService: ({ name }) => dataSource(name) as unknown as GraphQLDataSource,
    });
    const { executor } = (await gateway.load({ apollo: {} } as never)) as unknown as { executor: Executor };
    return {
      answer: async ({ document, variables }, context) => {
        const query = print(document);
        const result = await executor({
          request: { query, variables },
          document,
          queryHash: String(hashOf(query)),
          context,
          logger: pino({ level: 'silent' }),
          metrics: {},
          overallCachePolicy: {},
        });
        return JSON.parse(JSON.stringify(result));
      },
      close: () => gateway.stop(),
    };
  };
}

export function ourEngine(planner: PlannerChoice = 'auto'): OpenEngine {
  return async ({ supergraphSdl, ask }) => {
    const engine = await createEngine<Scope>({
      supergraphSdl,
      planner,
      fetcher: {
        fetch: async ({ fetch: { fetch }, body, scope }) =>
          (await ask(fetch.subgraph, JSON.parse(body), scope)) as never,
        unusable: (_, flaw) => new FetchFailure({ message: `A subgraph ${flaw}.` }),
      },
    });
    return {
      answer: async (request, scope) => JSON.parse(JSON.stringify(await engine.execute(request, scope))),
      crashes: () => engine.counts().plannerProcess?.crashes ?? 0,
      close: engine.close,
    };
  };
}
