// One operation of clients made ready: its plan, and a writer for its answers. Made once, run many times. @skip and
// @include make an operation several: each combination that occurs has a plan of its own that fetches nothing in vain.
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { type CompiledFetch, compileFetch } from '../../federation/compiled-fetch.ts';
import type { FetchPlan } from '../../federation/fetch-plan.ts';
import { lru } from '../../runtime/lru.ts';
import { codedError } from '../../schema/errors.ts';
import { type answerWriter as AnswerWriterOf, answerWriter } from './answer-writer.ts';
import { conditionVariables, documentOf } from './client-operation.ts';
import { type CompiledUnit, compileUnit } from './compiled-unit.ts';
import type { Sharding } from './fetcher.ts';
import { type Introspection, introspection, isPlanned } from './introspection.ts';
import { laneShape } from './lane-shape.ts';
import { unitsOf } from './lanes.ts';
import { normalForm } from './normal-form.ts';
import type { PlannedNames } from './planned-names.ts';
import type { Planner } from './planner.ts';
import type { ClientOperation, SelectionContext } from './selection.ts';

/** What runs for one combination of conditions. */
export interface Execution {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly units: readonly CompiledUnit[];
  /** The stream of a subscription. */
  readonly stream: CompiledFetch | null;
  readonly write: ReturnType<typeof AnswerWriterOf>;
  readonly introspection: Introspection | null;
}

export interface CompiledOperation {
  readonly client: ClientOperation;
  /** By the variables with their defaults. A combination of conditions that is new is planned now. */
  executionFor(values: Readonly<Record<string, unknown>>): Execution | Promise<Execution>;
}

export interface CompileDeps {
  readonly planner: Planner;
  /** What clients see. */
  readonly api: GraphQLSchema;
  readonly plannedNames: PlannedNames;
  isSharded(subgraph: string): boolean;
  /** How answers to a fetch are looked at. */
  readonly checkOf?: Sharding<never>['checkOf'] | undefined;
}

const COMBINATIONS = 64; // of conditions that are kept of one operation

export function compileOperation(deps: CompileDeps, client: ClientOperation): CompiledOperation {
  const names = conditionVariables(client);
  const introspect = introspection(deps.api, client);
  const ready = lru<string, Execution>(COMBINATIONS);
  const underWay = new Map<string, Promise<Execution>>();
  const make = async (key: string, conditions: ReadonlyMap<string, boolean>): Promise<Execution> => {
    try {
      const execution = await executionOf(deps, client, conditions, introspect);
      ready.set(key, execution);
      return execution;
    } finally {
      underWay.delete(key); // a plan that failed may succeed another time
    }
  };
  return {
    client,
    executionFor: values => {
      const key = names.map(name => (values[name] === true ? 1 : 0)).join('');
      const known = ready.get(key) ?? underWay.get(key);
      if (known) return known;
      const making = make(key, new Map(names.map(name => [name, values[name] === true])));
      underWay.set(key, making);
      return making;
    },
  };
}

async function executionOf(
  { planner, api, plannedNames, isSharded, checkOf }: CompileDeps,
  { operation, fragments }: ClientOperation,
  conditions: ReadonlyMap<string, boolean>,
  introspect: Introspection | null,
): Promise<Execution> {
  const context: SelectionContext = { schema: api, fragments, conditions, plannedName: plannedNames.nameOf };
  const root = api.getRootType(operation.operation);
  if (!root) throw new Error(`the public schema has no ${operation.operation}`);
  const planned = normalForm(context, operation, isPlanned);
  const plan: FetchPlan = planned ? await planWith(planner, documentOf(planned, new Map())) : { fetches: [] };
  const fetches = plan.fetches.map((fetch, at) => compileFetch(fetch, at, checkOf?.(fetch)));
  const units = unitsOf(fetches, isSharded);
  const asked = { set: operation.selectionSet, parent: root };
  return {
    kind: operation.operation,
    units: units.map((unit, at) => compileUnit(unit, laneShape({ context, asked, units }, at))),
    stream: plan.subscription ? compileFetch(plan.subscription, plan.fetches.length) : null,
    write: answerWriter(context, root, operation.selectionSet),
    introspection: introspect,
  };
}

/** A graph can have fields that no fetch reaches: @key(resolvable: false), or a field overridden by nobody. */
async function planWith(planner: Planner, document: DocumentNode): Promise<FetchPlan> {
  try {
    return await planner.plan(document);
  } catch (error) {
    if (error instanceof GraphQLError) throw error; // a limit
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError('OPERATION_NOT_PLANNABLE', `No way through the subgraphs answers this operation: ${reason}`);
  }
}
