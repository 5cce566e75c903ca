// Runs the fetches of a plan over data, each as soon as those that it needs are done. The same in the centre, where a fetch
// travels, and in a region, where it is answered on the spot.
import { type CompiledFetch, variablesText } from './compiled-fetch.ts';
import { answerFlaw, batchesFor, type EntityBatch, mergeEntities, type RegionOf, requestText } from './entity-batch.ts';
import { responseName, type Variables } from './fetch-selection.ts';
import { mergeInto } from './merge.ts';
import { isObject } from './own-property.ts';
import { detailed, missingErrors, placeErrors } from './placed-errors.ts';
import { applyRewrites } from './rewrites.ts';
import { FetchFailure, type PlacedError, type SubgraphAnswer } from './subgraph-answer.ts';
import { type Target, targetsAt } from './targets.ts';

/** One execution. Its data grows in place. */
export interface Run {
  readonly root: Target;
  /** As the client gave them: what subgraphs get. */
  readonly variables: Variables;
  /** The same with defaults filled in: what decides what is left out. */
  readonly values: Variables;
  /** By the place of the fetch in the plan, so that their order does not hang on who answers first. */
  readonly errors: PlacedError[][];
  /** Throws FetchFailure. The answer is the caller's own: its objects become part of the data. */
  ask(fetch: CompiledFetch, region: string | null, body: string): Promise<SubgraphAnswer>;
  /** How the objects of a sharded subgraph are split; undefined for any other subgraph. */
  regionOf(subgraph: string): RegionOf;
}

/** Where a set of fetches runs: below these objects, which stand at the first `from` segments of every path. */
export interface Place {
  readonly roots: readonly Target[];
  readonly from: number;
}

export const wholeAnswer = (run: Run): Place => ({ roots: [run.root], from: 0 });

/** Does `work` on each item, after all the items of the list that it comes after. */
export function inOrderOfNeed<T extends { readonly after: readonly number[] }>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<unknown> {
  const done: Promise<unknown>[] = [];
  for (const item of items) {
    const { after } = item;
    const before = after.length === 1 ? done[after[0]!] : Promise.all(after.map(at => done[at]));
    done.push(after.length === 0 ? work(item) : before!.then(() => work(item)));
  }
  return done.length === 1 ? done[0]! : Promise.all(done);
}

export const isWanted = ({ fetch: { when } }: CompiledFetch, values: Variables): boolean =>
  when.every(({ variable, is }) => (values[variable] === true) === is);

export function runFetch(run: Run, compiled: CompiledFetch, place: Place): Promise<void> {
  if (!isWanted(compiled, run.values)) return Promise.resolve();
  return compiled.inputs.length > 0 ? runEntityFetch(run, compiled, place) : runRootFetch(run, compiled, place);
}

async function runEntityFetch(run: Run, compiled: CompiledFetch, { roots, from }: Place): Promise<void> {
  const batches = batchesFor(compiled, roots, from, run.regionOf(compiled.fetch.subgraph));
  if (batches.length === 0) return;
  const variables = variablesText(compiled.fetch.variables, run.variables);
  if (batches.length === 1) return runBatch(run, compiled, batches[0]!, variables);
  await Promise.all(batches.map(batch => runBatch(run, compiled, batch, variables)));
}

async function runBatch(run: Run, compiled: CompiledFetch, batch: EntityBatch, variables: string): Promise<void> {
  try {
    const answer = await run.ask(compiled, batch.region, requestText(compiled, batch, variables));
    const flaw = answerFlaw(compiled, batch, answer);
    if (flaw !== null) throw new FetchFailure(unusable(compiled.fetch.subgraph, flaw));
    mergeEntities(compiled, batch, answer);
    if (answer.errors?.length) addErrors(run, compiled, placeErrors(compiled, batch, answer.errors, run.root));
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    addErrors(run, compiled, missingErrors(compiled, batch, error.error, run.root, run.values));
  }
}

const unusable = (subgraph: string, flaw: string) => ({
  message: `The subgraph ${subgraph} ${flaw}: what it knows is left out of this answer.`,
  extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' },
});

async function runRootFetch(run: Run, compiled: CompiledFetch, { roots, from }: Place): Promise<void> {
  const { fetch, head } = compiled;
  const targets = targetsAt(roots, fetch.path, from);
  if (targets.length === 0) return;
  const body = `${head}${variablesText(fetch.variables, run.variables)}}}`;
  try {
    mergeRoot(run, compiled, targets, await run.ask(compiled, null, body));
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    addErrors(run, compiled, missingRootErrors(compiled, error, run.values));
  }
}

/** Merges the answer to a fetch of root fields, and places its errors. */
export function mergeRoot(
  run: Run,
  compiled: CompiledFetch,
  targets: readonly Target[],
  { data, errors }: SubgraphAnswer,
  region: string | null = null,
): void {
  const { fetch } = compiled;
  if (isObject(data)) {
    applyRewrites(fetch.outputRewrites, data);
    for (const target of targets) mergeInto(target, data);
  }
  if (errors?.length)
    addErrors(
      run,
      compiled,
      errors.map(error => detailed(error, fetch.subgraph, region)),
    );
}

function missingRootErrors(compiled: CompiledFetch, { error }: FetchFailure, values: Variables): PlacedError[] {
  const names = new Set(compiled.selection.rootFields(values).map(responseName));
  return [...names].map(name => ({ ...detailed(error, compiled.fetch.subgraph, null), path: [name] }));
}

export function addErrors(run: Run, { index }: CompiledFetch, errors: readonly PlacedError[]): void {
  const known = run.errors[index];
  if (known) known.push(...errors);
  else run.errors[index] = [...errors];
}
