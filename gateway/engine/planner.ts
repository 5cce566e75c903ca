// The interface to whatever plans operations, and the way from a planner's tree of steps to our own plan: fetches, each
// with the earlier ones that it truly needs. A planner's stages are coarser; what waits for nothing may start at once.
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import type { EntityInput, Fetch, FetchPlan, Path } from '../../federation/fetch-plan.ts';
import { type FetchSelection, fetchSelection, responseName } from '../../federation/fetch-selection.ts';
import { documentOf } from './client-operation.ts';
import { isOperation, planFlaw } from './plan-check.ts';

export interface Planner {
  readonly name: string;
  /** `document` holds one operation, valid against the public schema, without introspection. */
  plan(document: DocumentNode): Promise<FetchPlan>;
  close?(): Promise<void>;
}

/**
 * A planner may leave what is below a field of a mutation for after the fields that follow. Where that matters every field
 * is planned by itself, and its plan is done before the next one begins.
 */
export const fieldByField = (planner: Planner): Planner => ({
  ...planner,
  plan: async document => {
    const whole = await planner.plan(document);
    const operation = document.definitions.find(isOperation);
    const roots = whole.fetches.filter(({ kind }) => kind === 'mutation').length;
    if (!operation || roots < 2 || roots === whole.fetches.length) return whole;
    const plans: FetchPlan[] = [];
    for (const field of operation.selectionSet.selections) {
      const alone = { ...operation, selectionSet: { ...operation.selectionSet, selections: [field] } };
      plans.push(await planner.plan(documentOf(alone, new Map())));
    }
    return oneAfterTheOther(plans);
  },
});

function oneAfterTheOther(plans: readonly FetchPlan[]): FetchPlan {
  const fetches: Fetch[] = [];
  for (const plan of plans) {
    const before = fetches.map((_, at) => at);
    for (const fetch of plan.fetches)
      fetches.push({ ...fetch, after: [...before, ...fetch.after.map(at => at + before.length)] });
  }
  return { fetches };
}

/** A plan that would leave something out is no plan. `api` is the public schema. */
export const checked = (planner: Planner, api: GraphQLSchema): Planner => ({
  ...planner,
  plan: async document => {
    const plan = await planner.plan(document);
    const operation = document.definitions.find(isOperation);
    const flaw = operation ? planFlaw(api, operation, plan) : null;
    if (flaw !== null) throw new Error(`the plan is incomplete: ${flaw}`);
    return plan;
  },
});

/**
 * What one planner cannot plan, another may, unless the failure is final. The second is opened when it is first
 * needed.
 */
export function withFallback(
  first: Planner,
  openSecond: () => Promise<Planner>,
  isFinal: (failure: unknown) => boolean,
): Planner {
  let second: Promise<Planner> | undefined;
  return {
    name: first.name,
    plan: document =>
      first.plan(document).catch(async (failure: unknown) => {
        if (isFinal(failure)) throw failure;
        second ??= openSecond();
        const { plan } = await second;
        return plan(document).catch(() => Promise.reject(failure)); // the first one's reason is told
      }),
    close: async () => {
      await first.close?.();
      await (await second)?.close?.();
    },
  };
}

/** The tree that planners make. */
export type Step =
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly Step[] }
  | { readonly kind: 'fetch'; readonly fetch: PlannedFetch };

export type PlannedFetch = Omit<Fetch, 'after'>;

export function planOf(tree: Step | null, subscription?: PlannedFetch): FetchPlan {
  const found: (Fetch & { readonly before: readonly number[] })[] = [];
  const visit = (step: Step, before: readonly number[]): number[] => {
    switch (step.kind) {
      case 'fetch':
        return [found.push({ ...step.fetch, after: [], before }) - 1];
      case 'parallel':
        return step.steps.flatMap(child => visit(child, before));
      case 'sequence': {
        const done: number[] = [];
        for (const child of step.steps) done.push(...visit(child, [...before, ...done]));
        return done;
      }
    }
  };
  if (tree) visit(tree, []);
  const isMutation = found.some(({ kind }) => kind === 'mutation');
  const facts = found.map(factsOf);
  const fetches = found.map(
    ({ before, ...fetch }, at): Fetch => ({
      ...fetch,
      // the fields of a mutation run one after the other, with everything below each
      after: isMutation ? before : before.filter(earlier => feeds(facts[earlier]!, facts[at]!)),
    }),
  );
  return subscription ? { fetches, subscription: { ...subscription, after: [] } } : { fetches };
}

interface FetchFacts {
  readonly places: readonly Place[];
}

/** One path at which a fetch reads and writes. */
interface Place {
  readonly path: Path;
  /** The fields of the path. */
  readonly fields: readonly string[];
  readonly provides: ReadonlySet<string>;
  readonly requires: ReadonlySet<string>;
}

function factsOf(fetch: PlannedFetch): FetchFacts {
  const selection = fetchSelection(fetch.operation);
  if (fetch.inputs.length === 0) {
    const provides = new Set(selection.rootFields().map(responseName));
    addRenames(provides, fetch.outputRewrites);
    return { places: [{ path: fetch.path, fields: fieldsOf(fetch.path), provides, requires: new Set() }] };
  }
  return { places: fetch.inputs.flatMap(input => placesOf(input, selection)) };
}

function placesOf(input: EntityInput, selection: FetchSelection): Place[] {
  const provides = new Set(selection.fieldsBelow(input.alias).map(responseName));
  addRenames(provides, input.outputRewrites);
  const requires = new Set<string>();
  const collect = (requirements: EntityInput['requires']): void => {
    for (const requirement of requirements)
      if ('types' in requirement) collect(requirement.fields);
      else requires.add(requirement.from);
  };
  collect(input.requires);
  return input.paths.map(path => ({ path, fields: fieldsOf(path), provides, requires }));
}

const fieldsOf = (path: Path): string[] => path.flatMap(segment => ('field' in segment ? [segment.field] : []));

function addRenames(provides: Set<string>, rewrites: Fetch['outputRewrites']): void {
  for (const rewrite of rewrites) if ('rename' in rewrite) provides.add(rewrite.rename);
}

/** Whether `earlier` writes what `later` reads: on the way to its objects, or among what is required of them. */
function feeds(earlier: FetchFacts, later: FetchFacts): boolean {
  return earlier.places.some(from => later.places.some(to => touches(from, to)));
}

function touches(from: Place, to: Place): boolean {
  const common = Math.min(from.fields.length, to.fields.length);
  for (let i = 0; i < common; i++) if (from.fields[i] !== to.fields[i]) return false;
  if (from.fields.length > to.fields.length) return to.requires.has(from.fields[common]!);
  if (from.provides.has('__typename') && to.path.some(segment => 'types' in segment)) return true;
  if (from.fields.length < to.fields.length) return from.provides.has(to.fields[common]!);
  return [...to.requires].some(name => from.provides.has(name));
}

/** Every name that `__typename` may have where a type condition holds: the type's own and those of its parts. */
export function typeNames(schema: GraphQLSchema): (condition: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return condition => {
    let names = known.get(condition);
    if (!names) {
      const type = schema.getType(condition);
      const below = isAbstractType(type)
        ? Object.values(schema.getTypeMap()).filter(
            part => (isObjectType(part) || isInterfaceType(part)) && schema.isSubType(type, part),
          )
        : [];
      names = [condition, ...below.map(({ name }) => name)];
      known.set(condition, names);
    }
    return names;
  };
}
