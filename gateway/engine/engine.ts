// The engine: plans an operation once, compiles the plan, and runs it over whatever fetches from subgraphs. It knows
// nothing of HTTP, regions or servers.
import { type DocumentNode, GraphQLError, type GraphQLSchema, getVariableValues } from 'graphql';
import type { Variables } from '../../federation/fetch-selection.ts';
import { mergeInto } from '../../federation/merge.ts';
import { inOrderOfNeed, mergeRoot, type Run } from '../../federation/run-fetches.ts';
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Logger } from '../../runtime/log.ts';
import type { LruCounts } from '../../runtime/lru.ts';
import { badInput } from '../../schema/errors.ts';
import { apolloPlanner } from './apollo-planner.ts';
import { type CompiledOperation, compileOperation, type Execution } from './compiled-operation.ts';
import { newCompletion } from './completion.ts';
import type { Fetcher, Sharding } from './fetcher.ts';
import { type HivePlanner, hivePlanner, isFinal } from './hive-planner.ts';
import { checkLimits, DEFAULT_LIMITS, type OperationLimits } from './limits.ts';
import type { PlannerProcessCounts } from './native-plans.ts';
import { operationCache } from './operation-cache.ts';
import { type PassedText, passedText } from './passed-text.ts';
import { answeredName } from './planned-names.ts';
import { checked, fieldByField, type Planner, withFallback } from './planner.ts';
import { type Doors, runUnit } from './run-unit.ts';
import { type SupergraphSchemas, schemasOf } from './supergraph-schemas.ts';
import { type WrittenData, writtenData } from './written-data.ts';

export interface EngineDeps<Scope> {
  readonly supergraphSdl: string;
  readonly fetcher: Fetcher<Scope>;
  /** Left out when every subgraph runs once. */
  readonly sharding?: Sharding<Scope> | undefined;
  /** `auto` is the native planner, or Apollo's where there is none for this machine. */
  readonly planner?: PlannerChoice | undefined;
  readonly limits?: Partial<OperationLimits> | undefined;
  /** Operations that are kept compiled. */
  readonly operations?: number | undefined;
  /** Is told when the planner process dies. */
  readonly log?: Pick<Logger, 'warn'> | undefined;
}

export type PlannerChoice = 'auto' | 'hive' | 'apollo';

export interface EngineRequest {
  /** Valid against the public schema. */
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables?: Variables | undefined;
}

/** An operation with its variables, ready to be run any number of times. */
export interface Prepared {
  readonly execution: Execution;
  /** As the client gave them. */
  readonly variables: Variables;
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
  /** Faults of the operation or its variables are errors of the answer. */
  execute(request: EngineRequest, scope: Scope): Promise<EngineAnswer>;
  /** Throws GraphQLError, or several as Refused. */
  prepare(request: EngineRequest): Prepared | Promise<Prepared>;
  /** Runs what was prepared; for a subscription with the event of its stream. */
  run(prepared: Prepared, scope: Scope, event?: SubgraphAnswer): Promise<EngineAnswer>;
  counts(): {
    readonly operations: LruCounts;
    /** Left out when nothing is planned in a process of its own. */
    readonly plannerProcess?: PlannerProcessCounts | undefined;
  };
  close(): Promise<void>;
}

/** Several faults of one request. */
export class Refused extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super(errors.map(({ message }) => message).join(' '));
    this.name = 'Refused';
    this.errors = errors;
  }
}

const OPERATIONS = 2_000; // about 20 to 100 KB each

export async function createEngine<Scope>(deps: EngineDeps<Scope>): Promise<Engine<Scope>> {
  const schemas = schemasOf(deps.supergraphSdl);
  const opened = await openPlanner(deps, schemas);
  const planner = fieldByField(opened.planner);
  const limits = { ...DEFAULT_LIMITS, ...deps.limits };
  const cache = operationCache(deps.operations ?? OPERATIONS, client => {
    checkLimits(client, limits);
    return compileOperation(
      {
        planner,
        api: schemas.api,
        plannedNames: schemas.plannedNames,
        isSharded: deps.sharding?.isSharded ?? (() => false),
        checkOf: deps.sharding?.checkOf,
      },
      client,
    );
  });
  const prepare = ({ document, operationName, variables = {} }: EngineRequest): Prepared | Promise<Prepared> => {
    const operation = cache.get(document, operationName);
    const execution = operation.executionFor(coerced(schemas.api, operation, variables));
    return execution instanceof Promise
      ? execution.then(made => ({ execution: made, variables }))
      : { execution, variables };
  };
  return {
    planner: planner.name,
    apiSchema: schemas.api,
    prepare,
    run: (prepared, scope, event) => runPrepared(deps, prepared, scope, event),
    execute: async (request, scope) => {
      try {
        return await runPrepared(deps, await prepare(request), scope);
      } catch (error) {
        return { errors: refusalOf(error) };
      }
    },
    counts: () => ({ operations: cache.counts(), plannerProcess: opened.native?.counts() }),
    close: async () => planner.close?.(),
  };
}

interface OpenedPlanner {
  readonly planner: Planner;
  readonly native?: HivePlanner;
}

async function openPlanner(
  { supergraphSdl, log, planner = 'auto' }: EngineDeps<never>,
  { supergraph, whole, api }: SupergraphSchemas,
): Promise<OpenedPlanner> {
  const apollo = (): Promise<Planner> => apolloPlanner({ supergraph, api: supergraph.apiSchema(), schema: whole });
  if (planner === 'apollo') return { planner: await apollo() };
  const opening = hivePlanner({ supergraphSdl, schema: whole, log });
  const native = planner === 'hive' ? await opening : await opening.catch(() => null);
  if (!native) return { planner: await apollo() };
  return { planner: planner === 'hive' ? native : withFallback(checked(native, api), apollo, isFinal), native };
}

/** What is no refusal is a fault of ours and goes on up. */
export function refusalOf(error: unknown): readonly GraphQLError[] {
  if (error instanceof Refused) return error.errors;
  if (error instanceof GraphQLError) return [error];
  throw error;
}

/** The variables with their defaults. Throws Refused. */
function coerced(api: GraphQLSchema, { client }: CompiledOperation, variables: Variables): Variables {
  const definitions = client.operation.variableDefinitions;
  if (!definitions?.length) return {};
  const { coerced: values, errors } = getVariableValues(api, definitions, variables);
  if (errors) throw new Refused(errors.map(({ message }) => badInput(message)));
  return values;
}

async function runPrepared<Scope>(
  { fetcher, sharding }: EngineDeps<Scope>,
  { execution, variables }: Prepared,
  scope: Scope,
  event?: SubgraphAnswer,
): Promise<EngineAnswer> {
  const run: Run = {
    root: {},
    variables,
    errors: [],
    ask: (fetch, region, body) => fetcher.fetch({ fetch, region, body, scope }),
    unusable: (fetch, region, flaw) => fetcher.unusable({ fetch, region }, flaw),
    regionOf: subgraph => (sharding?.isSharded(subgraph) ? sharding.regionOf : undefined),
    rootParts: fetch => (sharding?.isSharded(fetch.fetch.subgraph) ? sharding.rootParts(fetch, variables) : undefined),
  };
  const passed = passedText();
  const doors: Doors | undefined = sharding && {
    regionOf: sharding.regionOf,
    hasDoor: sharding.hasDoor,
    writes: sharding.writes,
    ask: (asker, batch, region) => sharding.askDoor(asker, batch, region, scope),
    stand: passed.stand,
  };
  const introspected = execution.introspection?.(variables);
  if (introspected?.data) mergeInto(run.root, introspected.data);
  if (event && execution.stream) mergeRoot(run, execution.stream, [run.root], event, null);
  await inOrderOfNeed(execution.units, unit => runUnit(run, unit, doors));
  const answer = answerOf(execution, run, passed, introspected?.errors ?? []);
  const plan = fetcher.explained?.(scope);
  return plan === undefined ? answer : { ...answer, extensions: { ...answer.extensions, plan } };
}

function answerOf(
  { write }: Execution,
  run: Run,
  passed: PassedText,
  introspected: readonly GraphQLError[],
): EngineAnswer {
  const completion = newCompletion();
  const text = write(run.root, completion);
  const data = text === 'null' ? null : writtenData(passed.pieces(text));
  const errors = [
    ...introspected,
    ...run.errors
      .flat()
      .map(({ message, path, extensions }) => new GraphQLError(message, { path: path?.map(answered), extensions })),
  ];
  if (errors.length > 0) return { errors, data };
  // nulls and values that no subgraph explained; told beside the data, as every gateway of this protocol does
  return completion.count > 0
    ? { data, extensions: { valueCompletion: completion.errors.map(completionError) } }
    : { data };
}

const answered = (segment: string | number): string | number =>
  typeof segment === 'string' ? answeredName(segment) : segment;

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
