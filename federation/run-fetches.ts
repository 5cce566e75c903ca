// Runs the fetches of a plan over data, each as soon as those that it needs are done. The same in the centre, where a fetch
// travels, and in a region, where it is answered on the spot.
import { type CompiledFetch, variablesText } from './compiled-fetch.ts';
import { answerFlaw, batchesFor, type EntityBatch, mergeEntities, type RegionOf, requestText } from './entity-batch.ts';
import { responseName, type Variables } from './fetch-selection.ts';
import { quote } from './json-text.ts';
import { mergeInto } from './merge.ts';
import { getOwn, isObject, setOwn } from './own-property.ts';
import { detailed, missingErrors, placeErrors } from './placed-errors.ts';
import { applyRewrites } from './rewrites.ts';
import { FetchFailure, type PlacedError, type SubgraphAnswer } from './subgraph-answer.ts';
import { type AnswerPath, placesAt, type Target, targetsAt } from './targets.ts';

/** One execution. Its data grows in place. */
export interface Run {
  readonly root: Target;
  /** As the client gave them. */
  readonly variables: Variables;
  /** By the place of the fetch in the plan, so that their order does not hang on who answers first. */
  readonly errors: PlacedError[][];
  /** Throws FetchFailure. The answer is the caller's own: its objects become part of the data. */
  ask(fetch: CompiledFetch, region: string | null, body: string): Promise<SubgraphAnswer>;
  /** How the objects of a sharded subgraph are split; undefined for any other subgraph. */
  regionOf(subgraph: string): RegionOf;
  /** How a fetch of root fields is split by region; undefined for a subgraph that is not sharded. */
  rootParts(fetch: CompiledFetch): RootParts | undefined;
  /** Why an answer that cannot be used stands for none. */
  unusable(fetch: CompiledFetch, region: string | null, flaw: string): FetchFailure;
}

/** What one region is asked of a fetch of root fields. */
export interface RootPart {
  readonly region: string;
  /** Response names. */
  readonly names: readonly string[];
  /** The operation for these fields only, and the values of its variables. */
  readonly operation: string;
  readonly variables: Variables;
}

export interface RootParts {
  readonly parts: readonly RootPart[];
  /** Fields that name no region. */
  readonly refused: readonly PlacedError[];
}

/** Where a set of fetches runs: below these objects, which stand at the first `from` segments of every path. */
export interface Place {
  readonly roots: readonly Target[];
  readonly from: number;
  /** Of fetches of root fields only the part of this region runs. */
  readonly region?: string | undefined;
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

export function runFetch(run: Run, compiled: CompiledFetch, place: Place): Promise<void> {
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
    if (flaw !== null) throw run.unusable(compiled, batch.region, flaw);
    mergeEntities(compiled, batch, answer);
    if (answer.errors?.length) addErrors(run, compiled, placeErrors(compiled, batch, answer.errors, run.root));
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    if (error.known) mergeEntities(compiled, batch, { data: error.known });
    addErrors(run, compiled, missingErrors(compiled, batch, error, run.root));
  }
}

async function runRootFetch(run: Run, compiled: CompiledFetch, { roots, from, region }: Place): Promise<void> {
  const { fetch, head, selection } = compiled;
  const targets = targetsAt(roots, fetch.path, from);
  if (targets.length === 0) return;
  const split = run.rootParts(compiled);
  if (!split) {
    const names = [...new Set(selection.rootFields().map(responseName))];
    const body = `${head}${variablesText(fetch.variables, run.variables)}}}`;
    return askRoot(run, compiled, targets, { region: null, names, body });
  }
  if (region === undefined) refuse(run, compiled, split, targets);
  const parts = split.parts.filter(part => region === undefined || part.region === region);
  const ask = (part: RootPart): Promise<void> =>
    askRoot(run, compiled, targets, { region: part.region, names: part.names, body: partText(part) });
  if (fetch.kind === 'mutation') for (const part of parts) await ask(part);
  else await Promise.all(parts.map(ask));
}

const partText = ({ operation, variables }: RootPart): string =>
  `{"query":${quote(operation)},"variables":${JSON.stringify(variables)}}`;

/** Tells of the fields that name no region. */
export function refuse(run: Run, compiled: CompiledFetch, { refused }: RootParts, targets: readonly Target[]): void {
  if (refused.length === 0) return;
  addErrors(run, compiled, refused);
  for (const target of targets) for (const { path } of refused) setOwn(target, String(path?.[0]), null);
}

interface RootQuestion {
  readonly region: string | null;
  readonly names: readonly string[];
  readonly body: string;
}

async function askRoot(
  run: Run,
  compiled: CompiledFetch,
  targets: readonly Target[],
  { region, names, body }: RootQuestion,
): Promise<void> {
  try {
    const answer = await run.ask(compiled, region, body);
    const flaw = rootFlaw(names, answer) ?? (answer.data && compiled.check?.rootFlaw(answer.data, names));
    if (flaw) throw run.unusable(compiled, region, flaw);
    mergeRoot(run, compiled, targets, answer, region);
  } catch (error) {
    if (!(error instanceof FetchFailure)) throw error;
    const place = placeOfRoot(run, compiled);
    const told = detailed(error.error, compiled.fetch.subgraph, region);
    addErrors(
      run,
      compiled,
      names.map(name => ({ ...told, path: [...place, name] })),
    );
  }
}

/** Why an answer cannot stand for these fields, or null: a field left out without an error would look empty. */
export function rootFlaw(names: readonly string[], { data, errors }: SubgraphAnswer): string | null {
  const left = names.find(name => !isObject(data) || getOwn(data, name) === undefined);
  return left === undefined || errors?.length ? null : `answered without ${left} and without an error`;
}

/** Merges the answer to a fetch of root fields, and places its errors. */
export function mergeRoot(
  run: Run,
  compiled: CompiledFetch,
  targets: readonly Target[],
  { data, errors }: SubgraphAnswer,
  region: string | null,
): void {
  const { fetch } = compiled;
  if (isObject(data)) {
    applyRewrites(fetch.outputRewrites, data);
    for (const target of targets) mergeInto(target, data);
  }
  if (!errors?.length) return;
  const place = placeOfRoot(run, compiled);
  const placed = errors.map(error => {
    const told = detailed(error, fetch.subgraph, region);
    return told.path ? { ...told, path: [...place, ...told.path] } : told;
  });
  addErrors(run, compiled, placed);
}

/** Root fields stand at the root, but for those of a query within the answer: there, at the first place of them. */
function placeOfRoot({ root }: Run, { fetch }: CompiledFetch): AnswerPath {
  if (fetch.path.length === 0) return [];
  return [...placesAt(root, fetch.path).values()][0]?.[0] ?? [];
}

export function addErrors(run: Run, { index }: CompiledFetch, errors: readonly PlacedError[]): void {
  const known = run.errors[index];
  if (known) known.push(...errors);
  else run.errors[index] = [...errors];
}
