// Puts the engine of our own behind the seam: @apollo/server asks it for queries and mutations, and subscriptions run it
// once for each event of their root stream.
import type { GatewayExecutionResult, GatewayInterface } from '@apollo/server-gateway-interface';
import type { ExecutionResult } from 'graphql';
import { promptReturn } from '../../runtime/prompt-return.ts';
import {
  createEngine,
  type Engine,
  type EngineAnswer,
  type EngineRequest,
  type Prepared,
  refusalOf,
} from '../engine/engine.ts';
import { type InFlight, inFlight } from '../engine/in-flight.ts';
import { regionFetcher, regionSharding } from '../engine/region-sharding.ts';
import { answerText } from '../engine/written-data.ts';
import { newRequestScope, type RequestScope } from '../routing/subgraph-router.ts';
import { inOrder } from '../subscriptions/in-order.ts';
import { type RootEvent, rootStream } from '../subscriptions/root-stream.ts';
import type { EngineDeps, ExecutionEngine, SubscriptionEvent } from './engine.ts';

const AT_ONCE = 16; // events of one subscription whose plans run side by side; they are delivered in order

export async function murmurationEngine(deps: EngineDeps): Promise<ExecutionEngine> {
  const { supergraphSdl, regions, planner, shareQueries } = deps;
  const flights = inFlight<EngineAnswer>();
  const engine = await createEngine<RequestScope>({
    supergraphSdl,
    fetcher: regionFetcher(regions),
    sharding: regionSharding(regions),
    planner,
    log: deps.log,
  });
  deps.log.info({ planner: engine.planner }, 'engine ready');
  const run = shareQueries ? sharing(engine, flights) : engine.run;
  return {
    name: 'murmuration',
    gateway: engineGateway(engine, supergraphSdl, executing(engine, run)),
    execute: executingDirectly(engine, run),
    apiSchema: engine.apiSchema,
    subscribe: subscriber(engine, deps),
    stringifyResult: result => `${answerText(result)}\n`,
    counts: () => ({ planner: engine.planner, ...engine.counts(), queries: flights.counts() }),
    close: engine.close,
  };
}

/** Runs a request of a client. Faults of the request are errors of the answer. */
type Execute = (request: EngineRequest, scope: RequestScope) => Promise<EngineAnswer>;
type RunPrepared = Engine<RequestScope>['run'];

const executing =
  ({ prepare }: Pick<Engine<RequestScope>, 'prepare'>, run: RunPrepared): Execute =>
  async (request, scope) => {
    try {
      return await run(await prepare(request), scope);
    } catch (error) {
      return { errors: refusalOf(error) };
    }
  };

/** Null when it is refused, before anything is done. */
const executingDirectly =
  ({ prepare }: Pick<Engine<RequestScope>, 'prepare'>, run: RunPrepared): NonNullable<ExecutionEngine['execute']> =>
  async (request, scope) => {
    let prepared: Prepared;
    try {
      prepared = await prepare(request);
    } catch (error) {
      refusalOf(error);
      return null;
    }
    return run(prepared, scope).catch(error => ({ errors: refusalOf(error) })); // the client left
  };

/** Identical queries that are under way share one execution: every client of a gateway has the same rights. */
function sharing({ run }: Engine<RequestScope>, flights: InFlight<EngineAnswer>): RunPrepared {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  const numberOf = (execution: object): number => {
    const number = numbers.get(execution) ?? ++last;
    numbers.set(execution, number);
    return number;
  };
  return async (prepared, scope) => {
    const { execution, variables } = prepared;
    if (execution.kind === 'mutation') return run(prepared, scope).finally(flights.changed);
    if (scope.explain) return run(prepared, scope); // what another one asked explains nothing
    const key = `${numberOf(execution)} ${JSON.stringify(variables)}`;
    return flights.share(key, scope.signal, abandoned => run(prepared, newRequestScope(abandoned)));
  };
}

/** The contract of @apollo/server with any gateway. The schema is told once: it does not change while this engine lives. */
export function engineGateway(
  engine: Engine<RequestScope>,
  coreSupergraphSdl: string,
  run: Execute = engine.execute,
): GatewayInterface {
  const execute = async ({ document, request, context }: GatewayContext): Promise<GatewayExecutionResult> => {
    const { operationName, variables } = request;
    return run({ document, operationName, variables }, scopeOf(context)) as Promise<GatewayExecutionResult>;
  };
  const listeners: Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0][] = [];
  return {
    onSchemaLoadOrUpdate: listener => {
      listeners.push(listener);
      return () => void listeners.splice(listeners.indexOf(listener), 1);
    },
    load: async () => {
      for (const listener of listeners) listener({ apiSchema: engine.apiSchema, coreSupergraphSdl });
      return { executor: execute };
    },
    stop: async () => undefined,
  };
}

type GatewayContext = Parameters<NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>>[0];

/** The context of a client request is its scope; what @apollo/server asks for itself has none. */
const scopeOf = (context: unknown): RequestScope =>
  typeof context === 'object' && context !== null && 'failures' in context
    ? (context as RequestScope)
    : newRequestScope();

function subscriber(engine: Engine<RequestScope>, { upstream }: EngineDeps): ExecutionEngine['subscribe'] {
  // no generator itself: one that waits would keep a client from leaving (runtime/prompt-return.ts)
  return ({ resumeAfter, ...request }) => {
    const opening = (async () => {
      const prepared = await engine.prepare(request);
      const { stream } = prepared.execution;
      if (!stream) throw new Error('only a subscription can be subscribed to');
      const { operation, variables } = stream.fetch;
      const root = { query: operation, variables: pick(request.variables, variables) };
      const runFor = async ({ result, cursor, facts }: RootEvent): Promise<SubscriptionEvent> =>
        eventOf(await engine.run(prepared, newRequestScope(), result), { cursor, facts });
      return inOrder(rootStream(upstream, root, resumeAfter ?? null), runFor, AT_ONCE);
    })();
    return promptReturn(streamOf(opening), async () => (await opening.catch(() => null))?.return(undefined));
  };
}

/** A subscription that is refused is one result with the errors. */
async function* streamOf(opening: Promise<AsyncGenerator<SubscriptionEvent>>): AsyncGenerator<SubscriptionEvent> {
  let events: AsyncGenerator<SubscriptionEvent>;
  try {
    events = await opening;
  } catch (error) {
    yield eventOf({ errors: refusalOf(error) }, { cursor: null, facts: null });
    return;
  }
  yield* events;
}

function eventOf(answer: EngineAnswer, place: Omit<RootEvent, 'result'>): SubscriptionEvent {
  let text: string | undefined;
  return { result: answer as ExecutionResult, ...place, text: () => (text ??= answerText(answer)) };
}

const pick = (variables: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter(name => Object.hasOwn(variables, name)).map(name => [name, variables[name]]));
