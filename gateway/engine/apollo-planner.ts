// Plans with @apollo/query-planner: for machines without the native planner, and to compare. It blocks the event loop for
// 10 to 140 ms per new operation.
import { operationFromDocument, type Schema, type Supergraph } from '@apollo/federation-internals';
import type {
  FetchDataRewrite,
  FetchNode,
  PlanNode,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import type { Path, PathSegment, Requirement, Rewrite } from '../../federation/fetch-plan.ts';
import { type PlannedFetch, type Planner, planOf, type Step, typeNames } from './planner.ts';

export interface ApolloPlannerDeps {
  readonly supergraph: Supergraph;
  /** What clients see. */
  readonly api: Schema;
  /** The whole supergraph, with what clients do not see. */
  readonly schema: GraphQLSchema;
}

export async function apolloPlanner({ supergraph, api, schema }: ApolloPlannerDeps): Promise<Planner> {
  const { QueryPlanner } = await import('@apollo/query-planner');
  const planner = new QueryPlanner(supergraph);
  const read = planReader(typeNames(schema));
  return {
    name: 'apollo',
    plan: async document => read(planner.buildQueryPlan(operationFromDocument(api, document)).node ?? null),
  };
}

type TypeNames = (condition: string) => readonly string[];

function planReader(names: TypeNames) {
  return (node: PlanNode | SubscriptionNode | null) => {
    if (!node) return planOf(null);
    if (node.kind !== 'Subscription') return planOf(stepOf(node, [], names));
    return planOf(node.rest ? stepOf(node.rest, [], names) : null, fetchOf(node.primary, [], names));
  };
}

function stepOf(node: PlanNode, path: Path, names: TypeNames): Step {
  switch (node.kind) {
    case 'Fetch':
      return { kind: 'fetch', fetch: fetchOf(node, path, names) };
    case 'Flatten':
      return stepOf(node.node, [...path, ...node.path.map(pathSegment)], names);
    case 'Sequence':
      return { kind: 'sequence', steps: node.nodes.map(child => stepOf(child, path, names)) };
    case 'Parallel':
      return { kind: 'parallel', steps: node.nodes.map(child => stepOf(child, path, names)) };
    case 'Condition':
      throw new Error('a condition in a plan, though none was in the operation');
    case 'Defer':
      throw new Error('the planner deferred a part of an operation, which is not offered');
  }
}

const pathSegment = (segment: string | number): PathSegment =>
  segment === '@' ? { list: true } : { field: String(segment) };

function fetchOf(node: FetchNode, path: Path, names: TypeNames): PlannedFetch {
  const { requires } = node;
  const outputRewrites = rewrites(node.outputRewrites, names);
  return {
    subgraph: node.serviceName,
    kind: node.operationKind,
    operation: node.operation,
    variables: node.variableUsages ?? [],
    inputs: requires
      ? [
          {
            alias: '_entities',
            variable: 'representations',
            paths: [path],
            requires: requirements(requires, names),
            inputRewrites: rewrites(node.inputRewrites, names),
            outputRewrites,
          },
        ]
      : [],
    path: requires ? [] : path,
    outputRewrites: requires ? [] : outputRewrites,
  };
}

const requirements = (selections: readonly QueryPlanSelectionNode[], names: TypeNames): Requirement[] =>
  selections.map(selection => {
    if (selection.kind === 'InlineFragment') {
      const fields = requirements(selection.selections, names);
      return { types: selection.typeCondition === undefined ? [] : names(selection.typeCondition), fields };
    }
    const name = selection.alias ?? selection.name;
    return {
      from: name,
      to: name,
      ...(selection.selections ? { fields: requirements(selection.selections, names) } : {}),
    };
  });

const FRAGMENT = '... on ';

const rewrites = (given: readonly FetchDataRewrite[] | undefined, names: TypeNames): Rewrite[] =>
  (given ?? []).map(rewrite => {
    const path = rewrite.path.map(
      (segment): PathSegment =>
        segment.startsWith(FRAGMENT) ? { types: names(segment.slice(FRAGMENT.length)) } : { field: segment },
    );
    return rewrite.kind === 'KeyRenamer'
      ? { path, rename: rewrite.renameKeyTo }
      : { path, set: String(rewrite.setValueTo) };
  });
