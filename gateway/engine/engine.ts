// The engine: plans an operation once, compiles the plan, and runs it over whatever fetches from subgraphs. It knows
// nothing of HTTP, regions or servers.
import { type DocumentNode, GraphQLError, type GraphQLSchema, getVariableValues } from 'graphql';
import type { Variables } from '../../federation/fetch-selection.ts';
import { mergeInto } from '../../federation/merge.ts';
import { inOrderOfNeed, type Run, runFetch, wholeAnswer } from '../../federation/run-fetches.ts';
import type { Target } from '../../federation/targets.ts';
import { badInput } from '../../schema/errors.ts';
import { apolloPlanner } from './apollo-planner.ts';
import { type CompiledOperation, compileOperation } from './compiled-operation.ts';
import { newCompletion } from './completion.ts';
import type { Fetcher, Sharding } from './fetcher.ts';
import { hivePlanner } from './hive-planner.ts';
import { checkLimits, DEFAULT_LIMITS, type OperationLimits } from './limits.ts';
import type { LruCounts } from './lru.ts';
import { operationCache } from './operation-cache.ts';
import type { Planner } from './planner.ts';
import { type SupergraphSchemas, schemasOf } from './supergraph-schemas.ts';
import { type WrittenData, writtenData } from './written-data.ts';

export interface EngineDeps<Scope> {
  readonly supergraphSdl: string;
  readonly fetcher: Fetcher<Scope>;
  readonly sharding?: Sharding | undefined;
  /** `auto` is the native planner, or Apollo's where there is none for this machine. */
  readonly planner?: PlannerChoice | undefined;
  readonly limits?: Partial<OperationLimits> | undefined;
  /** Operations that are kept compiled. */
  readonly operations?: number | undefined;
}

export type PlannerChoice = 'auto' | 'hive' | 'apollo';

export interface EngineRequest<Scope> {
  /** Valid against the public schema. */
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Variables | undefined;
  readonly scope: Scope;
}

export interface EngineAnswer {
  readonly errors?: readonly GraphQLError[];
  /** Null when a null reached the top; missing when the request was refused. */
  readonly data?: WrittenData | null;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Engine<Scope> {
  readonly planner: string;
  /** What clients see. */
  readonly apiSchema: GraphQLSchema;
  execute(request: EngineRequest<Scope>): Promise<EngineAnswer>;
  /** The compiled operation. Throws when it is refused. */
  prepare(document: DocumentNode, operationName?: string | null): Promise<CompiledOperation>;
  /** Runs a prepared operation over data that is there: the event of a subscription, or nothing. */
  run(operation: CompiledOperation, request: RunRequest<Scope>): Promise<EngineAnswer>;
  counts(): { readonly operations: LruCounts };
  close(): Promise<void>;
}

export interface RunRequest<Scope> {
  readonly variables: Variables;
  readonly scope: Scope;
  readonly event?: Target | undefined;
}

const OPERATIONS = 2_000; // about 20 to 100 KB each

export async function createEngine<Scope>(deps: EngineDeps<Scope>): Promise<Engine<Scope>> {
  const schemas = schemasOf(deps.supergraphSdl);
  const planner = await openPlanner(deps, schemas);
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const cache = operationCache(deps.operations ?? OPERATIONS, async client => {
    checkLimits(client, limits);
    return compileOperation(client, planner, schemas.api);
  });
  const run = async (operation: CompiledOperation, request: RunRequest<Scope>): Promise<EngineAnswer> => {
    const { values, errors } = coerced(schemas.api, operation, request.variables);
    if (errors) return { errors };
    return runOperation(deps, operation, request, values);
  };
  return {
    planner: planner.name,
    apiSchema: schemas.api,
    prepare: async (document, operationName) => cache.get(document, operationName),
    run,
    execute: async ({ document, operationName, variables = {}, scope }) => {
      try {
        const operation = await cache.get(document, operationName);
        return await run(operation, { variables, scope });
      } catch (error) {
        if (error instanceof GraphQLError) return { errors: [error] };
        throw error;
      }
    },
    counts: () => ({ operations: cache.counts() }),
    close: async () => planner.close?.(),
  };
}

async function openPlanner(
  { supergraphSdl, planner = 'auto' }: EngineDeps<never>,
  { supergraph, api: _, whole }: SupergraphSchemas,
): Promise<Planner> {
  const apollo = (): Promise<Planner> => apolloPlanner({ supergraph, api: supergraph.apiSchema(), schema: whole });
  if (planner === 'apollo') return apollo();
  const hive = hivePlanner({ supergraphSdl, schema: whole });
  return planner === 'hive' ? hive : hive.catch(apollo);
}

type Coerced =
  | { readonly values: Variables; readonly errors?: undefined }
  | { readonly values?: undefined; readonly errors: readonly GraphQLError[] };

function coerced(api: GraphQLSchema, { client }: CompiledOperation, variables: Variables): Coerced {
  const definitions = client.operation.variableDefinitions;
  if (!definitions?.length) return { values: {} };
  const { coerced: values, errors } = getVariableValues(api, definitions, variables);
  return errors ? { errors: errors.map(({ message }) => badInput(message)) } : { values };
}

async function runOperation<Scope>(
  { fetcher, sharding }: EngineDeps<Scope>,
  operation: CompiledOperation,
  { variables, scope, event }: RunRequest<Scope>,
  values: Variables,
): Promise<EngineAnswer> {
  const run: Run = {
    root: event ?? {},
    variables,
    values,
    errors: [],
    ask: (fetch, region, body) => fetcher.fetch({ subgraph: fetch.fetch.subgraph, region, body, fetch, scope }),
    regionOf: subgraph => (sharding?.isSharded(subgraph) ? sharding.regionOf : undefined),
  };
  const introspected = operation.introspection?.(variables);
  if (introspected?.data) mergeInto(run.root, introspected.data);
  const place = wholeAnswer(run);
  const fetches = operation.fetches.map(fetch => ({ fetch, after: fetch.fetch.after }));
  await inOrderOfNeed(fetches, ({ fetch }) => runFetch(run, fetch, place));
  return answerOf(operation, run, introspected?.errors ?? []);
}

function answerOf(operation: CompiledOperation, run: Run, introspected: readonly GraphQLError[]): EngineAnswer {
  const completion = newCompletion();
  const text = operation.writerFor(run.values)(run.root, completion);
  const data = text === 'null' ? null : writtenData(text);
  const errors = [
    ...introspected,
    ...run.errors.flat().map(({ message, path, extensions }) => new GraphQLError(message, { path, extensions })),
  ];
  if (errors.length > 0) return { errors, data };
  // nulls and values that no subgraph explained; told beside the data, as every gateway of this protocol does
  return completion.count > 0
    ? { data, extensions: { valueCompletion: completion.errors.map(completionError) } }
    : { data };
}

const completionError = ({
  message,
  path,
}: {
  readonly message: string;
  readonly path: readonly (string | number)[];
}) => ({
  message,
  path,
  extensions: { code: 'INVALID_GRAPHQL' },
});
