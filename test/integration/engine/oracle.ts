// Asks the same of @apollo/gateway and of our engine over the same subgraphs, and compares.
import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway';
import { type GraphQLFormattedError, parse } from 'graphql';
import { FetchFailure } from '../../../federation/subgraph-answer.ts';
import { createEngine, type Engine, type PlannerChoice } from '../../../gateway/engine/engine.ts';
import { answerText } from '../../../gateway/engine/written-data.ts';
import { disableApolloTelemetry } from '../../../runtime/config.ts';
import { quiet } from '../../support/settings.ts';
import type { MadeOperation } from './operations.ts';
import type { Shop } from './shop.ts';

export interface Told {
  readonly data: unknown;
  /** `path code`, sorted. */
  readonly errors: readonly string[];
}

export interface Asked {
  ask(operation: MadeOperation): Promise<Told>;
  close(): Promise<void>;
}

/** Null-prototype objects are objects like any other, and the order of fields is compared elsewhere. */
const plain = (data: unknown): unknown => JSON.parse(JSON.stringify(data ?? null));

/** Places in lists are left out: @apollo/gateway misplaces errors on lists of mixed types. Our own places have a test of their own. */
const told = (data: unknown, errors: readonly GraphQLFormattedError[] = []): Told => ({
  data: plain(data),
  errors: errors
    .map(
      ({ path, extensions }) =>
        `${path?.map(part => (typeof part === 'number' ? '#' : part)).join('.')} ${extensions?.['code']}`,
    )
    .sort(),
});

export async function stockGateway(shop: () => Shop): Promise<Asked> {
  disableApolloTelemetry();
  const source = (name: string): GraphQLDataSource => ({
    process: async ({ request }) => (await shop().answer(name, request.query!, request.variables ?? {})) as never,
  });
  const gateway = new ApolloGateway({
    supergraphSdl: shop().supergraphSdl,
    buildService: ({ name }) => source(name!),
    logger: quiet,
  });
  const { executor } = await gateway.load();
  return {
    ask: async ({ query, variables }) => {
      const document = parse(query);
      const answer = await executor({
        request: { query, variables },
        document,
        queryHash: query,
        context: {},
        metrics: {},
        logger: quiet,
        cache: {},
        schema: undefined,
        operationName: null,
      } as never);
      return told(
        answer.data,
        answer.errors?.map(error => error.toJSON()),
      );
    },
    close: () => gateway.stop(),
  };
}

export async function ownEngine(
  shop: () => Shop,
  planner: PlannerChoice,
): Promise<Asked & { readonly engine: Engine<null> }> {
  const engine = await createEngine<null>({
    supergraphSdl: shop().supergraphSdl,
    planner,
    fetcher: {
      fetch: async ({ fetch, body }) => {
        const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
        return (await shop().answer(fetch.fetch.subgraph, query, variables)) as never;
      },
      unusable: (_request, flaw) => new FetchFailure({ message: flaw }),
    },
  });
  return {
    engine,
    ask: async ({ query, variables }) => {
      const answer = JSON.parse(answerText(await engine.execute({ document: parse(query), variables }, null)));
      return told(answer.data, answer.errors);
    },
    close: engine.close,
  };
}
