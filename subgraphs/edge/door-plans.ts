// The plans that an edge door was handed, compiled and kept: by their text, or by the key of text and shape, under which the
// centre names a plan that it has sent before.
import { readShape } from '../../federation/answer-shape.ts';
import { type CompiledFetch, compileFetch } from '../../federation/compiled-fetch.ts';
import { type DoorRequest, planKey, readDoorPlan } from '../../federation/door-plan.ts';
import type { Fetch, Path } from '../../federation/fetch-plan.ts';
import { shapedAnswerWriter } from '../../federation/shape-writer.ts';
import { lru } from '../../runtime/lru.ts';

export interface ReadyPlan {
  readonly fetches: readonly CompiledFetch[];
  /** The whole answer as text, '' when there is a flaw in it; null when it is not wanted in shape. */
  readonly write: ((roots: readonly unknown[]) => string) | null;
}

/** Null for a key that is not known. Throws ZodError, SyntaxError or GraphQLError. */
export type DoorPlans = (request: Pick<DoorRequest, 'plan' | 'shape' | 'known'>) => ReadyPlan | null;

const PLANS = 500; // one for each operation that crosses several subgraphs

/** The objects stand in a list of the data, so that errors find their places. */
export const ROOTS: Path = [{ field: 'roots' }, { list: true }];

const belowRoots = (fetch: Fetch): Fetch => ({
  ...fetch,
  path: [...ROOTS, ...fetch.path],
  inputs: fetch.inputs.map(input => ({ ...input, paths: input.paths.map(path => [...ROOTS, ...path]) })),
});

/** `subgraphs`: those that run here. */
export function doorPlans(subgraphs: Pick<ReadonlySet<string>, 'has'>): DoorPlans {
  const plans = lru<string, ReadyPlan>(PLANS);
  const compile = (text: string): readonly CompiledFetch[] => {
    const fetches = readDoorPlan(text).fetches.map((fetch, i) => compileFetch(belowRoots(fetch), i));
    for (const { fetch, selection } of fetches) {
      if (!subgraphs.has(fetch.subgraph))
        throw new SyntaxError(`no subgraph ${JSON.stringify(fetch.subgraph)} runs here`);
      if (selection.operation.operation !== 'query') throw new SyntaxError('only queries are run here');
    }
    return fetches;
  };
  return ({ plan, shape, known }) => {
    if (known !== undefined) return plans.get(known) ?? null;
    if (plan === undefined) throw new SyntaxError('there is none');
    if (shape === undefined) return plans.getOrMake(plan, () => ({ fetches: compile(plan), write: null }));
    return plans.getOrMake(planKey(plan, shape), () => ({
      fetches: compile(plan),
      write: shapedAnswerWriter(readShape(shape)),
    }));
  };
}
