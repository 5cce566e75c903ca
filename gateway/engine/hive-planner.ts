// Plans with the native planner of the Hive router (MIT): in a process of its own, and in few fetches. It is an optional
// dependency, and there is none for some machines.
import type * as Hive from '@graphql-hive/router-query-planner';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { EntityInput, Path, PathSegment, Requirement, Rewrite } from '../../federation/fetch-plan.ts';
import { type NativePlansDeps, openNativePlans, type PlannerProcessCounts } from './native-plans.ts';
import { type PlannedFetch, type Planner, planOf, type Step, typeNames } from './planner.ts';

export interface PlannerDeps extends NativePlansDeps {
  /** The whole supergraph, with what clients do not see. */
  readonly schema: GraphQLSchema;
}

export interface HivePlanner extends Planner {
  counts(): PlannerProcessCounts;
  close(): Promise<void>;
}

/** Throws when there is no native planner for this machine. */
export async function hivePlanner({ schema, ...deps }: PlannerDeps): Promise<HivePlanner> {
  const plans = await openNativePlans(deps);
  const read = planReader(typeNames(schema));
  return {
    name: 'hive',
    plan: async document => read(await plans.plan(document)),
    counts: plans.counts,
    close: plans.close,
  };
}

/** It looked at every way and found none, or may not look: every other failure is one of its own. */
export const isFinal = (failure: unknown): boolean =>
  failure instanceof GraphQLError || (failure instanceof Error && failure.message.includes('No paths found'));

type TypeNames = (condition: string) => readonly string[];

function planReader(names: TypeNames) {
  return (node: Hive.PlanNode | null) => {
    let subscription: PlannedFetch | undefined;
    const stepOf = (plan: Hive.PlanNode, path: Path): Step => {
      switch (plan.kind) {
        case 'Fetch':
          return { kind: 'fetch', fetch: fetchOf(plan, path, names) };
        case 'BatchFetch':
          return { kind: 'fetch', fetch: batchOf(plan, names) };
        case 'Flatten':
          return stepOf(plan.node, [...path, ...plan.path.map(segment => pathSegment(segment, names))]);
        case 'Sequence':
          return { kind: 'sequence', steps: plan.nodes.map(child => stepOf(child, path)) };
        case 'Parallel':
          return { kind: 'parallel', steps: plan.nodes.map(child => stepOf(child, path)) };
        case 'Condition':
          throw new Error('a condition in a plan, though none was in the operation');
        case 'Subscription':
          subscription = fetchOf(plan.primary, path, names);
          return { kind: 'sequence', steps: [] };
        case 'Defer':
          throw new Error('the planner deferred a part of an operation, which is not offered');
      }
    };
    const tree = node && stepOf(node, []);
    return planOf(tree, subscription);
  };
}

function fetchOf(node: Hive.FetchNode, path: Path, names: TypeNames): PlannedFetch {
  const { requires } = node;
  const entity: EntityInput[] = requires
    ? [
        {
          alias: '_entities',
          variable: 'representations',
          paths: [path],
          requires: requirements(requires, names),
          inputRewrites: rewrites(node.inputRewrites, names),
          outputRewrites: rewrites(node.outputRewrites, names, '_entities'),
        },
      ]
    : [];
  return {
    subgraph: node.serviceName,
    kind: node.operationKind ?? 'query',
    operation: node.operation,
    variables: node.variableUsages ?? [],
    inputs: entity,
    path: requires ? [] : path,
    outputRewrites: requires ? [] : rewrites(node.outputRewrites, names),
  };
}

function batchOf(node: Hive.BatchFetchNode, names: TypeNames): PlannedFetch {
  return {
    subgraph: node.serviceName,
    kind: node.operationKind ?? 'query',
    operation: node.operation,
    variables: node.variableUsages ?? [],
    inputs: node.entityBatch.aliases.map(input => ({
      alias: input.alias,
      variable: input.representationsVariableName,
      paths: input.paths.map(path => path.map(segment => pathSegment(segment, names))),
      requires: requirements(input.requires, names),
      inputRewrites: rewrites(input.inputRewrites, names),
      outputRewrites: rewrites(input.outputRewrites, names, input.alias),
    })),
    path: [],
    outputRewrites: [],
  };
}

function pathSegment(segment: Hive.FlattenNodePathSegment, names: TypeNames): PathSegment {
  if (segment === '@') return { list: true };
  return 'Field' in segment ? { field: segment.Field } : { types: segment.TypeCondition.flatMap(name => names(name)) };
}

function requirements(selections: readonly Hive.RequiresSelection[], names: TypeNames): Requirement[] {
  return selections.map((selection): Requirement => {
    if (selection.kind === 'FragmentSpread')
      throw new Error('a fragment in what a fetch requires is not known to happen');
    if (selection.kind === 'InlineFragment')
      return { types: names(selection.typeCondition), fields: requirements(selection.selections, names) };
    return {
      from: selection.name,
      to: selection.alias ?? selection.name,
      ...(selection.selections?.length ? { fields: requirements(selection.selections, names) } : {}),
    };
  });
}

/** `root`: rewrites of entities may be told from the root of the answer. */
function rewrites(given: readonly Hive.FetchRewrite[] | undefined, names: TypeNames, root?: string): Rewrite[] {
  return (given ?? []).map(rewrite => {
    const { path, ...change } = 'KeyRenamer' in rewrite ? rewrite.KeyRenamer : setterOf(rewrite);
    const segments = path.map(
      (segment): PathSegment =>
        'Key' in segment ? { field: segment.Key } : { types: segment.TypenameEquals.flatMap(name => names(name)) },
    );
    const [first] = segments;
    const below = first && 'field' in first && first.field === root ? segments.slice(1) : segments;
    return 'renameKeyTo' in change
      ? { path: below, rename: change.renameKeyTo }
      : { path: below, set: change.setValueTo };
  });
}

const setterOf = (rewrite: Exclude<Hive.FetchRewrite, { KeyRenamer: Hive.KeyRenamer }>): Hive.ValueSetter =>
  'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
