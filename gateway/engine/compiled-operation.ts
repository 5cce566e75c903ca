// One operation of clients made ready: its plan, and a writer for its answers. Made once, run many times.
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { type CompiledFetch, compileFetch } from '../../federation/compiled-fetch.ts';
import type { FetchPlan } from '../../federation/fetch-plan.ts';
import { codedError } from '../../schema/errors.ts';
import { type answerWriter, answerWriter as compileWriter } from './answer-writer.ts';
import { conditionVariables, documentOf } from './client-operation.ts';
import { type CompiledUnit, compileUnit } from './compiled-unit.ts';
import { type Introspection, introspection, plannedPart } from './introspection.ts';
import { unitsOf } from './lanes.ts';
import { lru } from './lru.ts';
import type { Planner } from './planner.ts';
import type { ClientOperation } from './selection.ts';

type AnswerWriter = ReturnType<typeof answerWriter>;

export interface CompiledOperation {
  readonly client: ClientOperation;
  readonly units: readonly CompiledUnit[];
  /** The stream of a subscription. */
  readonly stream: CompiledFetch | null;
  readonly introspection: Introspection | null;
  /** By the coerced variables: @skip and @include make different answers. */
  writerFor(values: Readonly<Record<string, unknown>>): AnswerWriter;
}

const WRITERS = 64; // combinations of conditions that are kept of one operation

export interface CompileDeps {
  readonly planner: Planner;
  /** What clients see. */
  readonly api: GraphQLSchema;
  isSharded(subgraph: string): boolean;
}

export async function compileOperation(
  { planner, api, isSharded }: CompileDeps,
  client: ClientOperation,
): Promise<CompiledOperation> {
  const planned = plannedPart(client);
  const plan: FetchPlan = planned ? await planWith(planner, documentOf(planned, client.fragments)) : { fetches: [] };
  const root = api.getRootType(client.operation.operation);
  if (!root) throw new Error(`the public schema has no ${client.operation.operation}`);
  const names = conditionVariables(client);
  const writers = lru<AnswerWriter>(WRITERS);
  return {
    client,
    units: unitsOf(plan.fetches.map(compileFetch), isSharded).map(compileUnit),
    stream: plan.subscription ? compileFetch(plan.subscription, plan.fetches.length) : null,
    introspection: introspection(api, client),
    writerFor: values => {
      const key = names.map(name => (values[name] === true ? 1 : 0)).join('');
      let writer = writers.get(key);
      if (!writer) {
        const conditions = new Map(names.map(name => [name, values[name] === true]));
        const context = { schema: api, fragments: client.fragments, conditions };
        writer = compileWriter(context, root, client.operation.selectionSet);
        writers.set(key, writer);
      }
      return writer;
    },
  };
}

/** A graph can have fields that no fetch reaches: @key(resolvable: false), or a field overridden by nobody. */
async function planWith(planner: Planner, document: DocumentNode): Promise<FetchPlan> {
  try {
    return await planner.plan(document);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError('OPERATION_NOT_PLANNABLE', `No way through the subgraphs answers this operation: ${reason}`);
  }
}
