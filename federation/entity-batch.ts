// One entity fetch over the objects that it is for: collects them, asks for each different one once, split by region where
// the subgraph is sharded, and merges the answers in place.
import type { CompiledFetch, EntityCheck } from './compiled-fetch.ts';
import { quote } from './json-text.ts';
import { copyOf, mergeInto } from './merge.ts';
import { isObject } from './own-property.ts';
import { applyRewrites } from './rewrites.ts';
import type { SubgraphAnswer } from './subgraph-answer.ts';
import { type Target, targetsAt } from './targets.ts';

/** The objects of one input: what is sent, each text once, and for whom. */
export interface BatchInput {
  readonly texts: string[];
  readonly targets: Target[];
  /** For each target the place of its representation in `texts`. */
  readonly places: number[];
  /** For each target the path of the input at which it was found. */
  readonly paths: number[];
}

/** What one region, or a subgraph that is not sharded, is asked. */
export interface EntityBatch {
  readonly region: string | null;
  /** In the order of the fetch's inputs. */
  readonly inputs: readonly BatchInput[];
}

/** Region of an object, null when its id names none; undefined for a subgraph that is not sharded. */
export type RegionOf = ((target: Target) => string | null) | undefined;

const WHOLE: RegionOf = undefined;

export function batchesFor(
  { inputs }: CompiledFetch,
  roots: readonly unknown[],
  from: number,
  regionOf: RegionOf = WHOLE,
): EntityBatch[] {
  const batches = new Map<string | null, GrowingBatch>();
  for (const [at, { input, write }] of inputs.entries()) {
    for (const [pathAt, path] of input.paths.entries()) {
      for (const target of targetsAt(roots, path, from)) {
        const text = write(target);
        if (text === null) continue;
        const region = regionOf ? regionOf(target) : null;
        let batch = batches.get(region);
        if (!batch) {
          batch = { region, inputs: new Array(inputs.length).fill(NOTHING) };
          batches.set(region, batch);
        }
        const share = batch.inputs[at]!;
        // most regions have one object: lists of one are made for one
        if (share === NOTHING)
          batch.inputs[at] = { texts: [text], targets: [target], places: [0], paths: [pathAt], known: null };
        else addTo(share, text, target, pathAt);
      }
    }
  }
  return [...batches.values()];
}

interface GrowingInput extends BatchInput {
  /** Places by text, once there are several targets. */
  known: Map<string, number> | null;
}

interface GrowingBatch extends EntityBatch {
  readonly inputs: GrowingInput[];
}

const NOTHING: GrowingInput = { texts: [], targets: [], places: [], paths: [], known: null };

function addTo(share: GrowingInput, text: string, target: Target, path: number): void {
  share.known ??= new Map([[share.texts[0]!, 0]]);
  let place = share.known.get(text);
  if (place === undefined) {
    place = share.texts.push(text) - 1;
    share.known.set(text, place);
  }
  share.targets.push(target);
  share.places.push(place);
  share.paths.push(path);
}

/** The whole request; `variables` is the text of the client's variables that the fetch uses. */
export function requestText({ head, inputs }: CompiledFetch, batch: EntityBatch, variables: string): string {
  let text = head + variables;
  for (const [i, { input }] of inputs.entries())
    text += `${i > 0 || variables !== '' ? ',' : ''}${quote(input.variable)}:[${batch.inputs[i]!.texts.join(',')}]`;
  return `${text}}}`;
}

/** Why an answer cannot be merged, or null: without a check entities are told apart by their place alone. */
export function answerFlaw({ inputs }: CompiledFetch, batch: EntityBatch, answer: SubgraphAnswer): string | null {
  const hasErrors = answer.errors !== undefined && answer.errors.length > 0;
  for (const [i, { input, check }] of inputs.entries()) {
    const asked = batch.inputs[i]!.texts.length;
    const entities = answer.data?.[input.alias];
    if (Array.isArray(entities)) {
      if (entities.length !== asked) return `answered ${entities.length} entities where ${asked} were asked for`;
      if (!entities.every(entity => entity === null || isObject(entity)))
        return 'answered entities that are no objects';
      const flaw = check ? entitiesFlaw(check, batch.inputs[i]!, entities, hasErrors) : null;
      if (flaw !== null) return flaw;
    } else if (!hasErrors) return 'answered no entities and no error';
  }
  return null;
}

function entitiesFlaw(
  check: EntityCheck,
  { targets, places }: BatchInput,
  entities: readonly (Target | null)[],
  hasErrors: boolean,
): string | null {
  let looked = 0; // places are counted up as they first occur
  for (let t = 0; t < targets.length; t++) {
    if (places[t] !== looked) continue;
    const entity = entities[looked++];
    if (!entity) continue;
    const flaw = check.identityFlaw(entity, targets[t]!, hasErrors) ?? check.shapeFlaw(entity);
    if (flaw !== null) return flaw;
  }
  return null;
}

/** Merges the entities of an answer into their targets. The answer is used up: its objects become part of the data. */
export function mergeEntities({ inputs }: CompiledFetch, batch: EntityBatch, answer: SubgraphAnswer): void {
  for (const [i, { input }] of inputs.entries()) {
    const entities = answer.data?.[input.alias];
    if (!Array.isArray(entities)) continue;
    const { targets, places, paths } = batch.inputs[i]!;
    // who was asked under another type name answers with that, and does not know the object's own
    const toldTypes = input.inputRewrites.flatMap(rewrite => ('set' in rewrite ? [rewrite.set] : []));
    // what is merged at one path of the answer may become different at another
    const takenAt: (number | undefined)[] = [];
    for (const [t, target] of targets.entries()) {
      const place = places[t]!;
      const entity: unknown = entities[place];
      if (!isObject(entity)) continue;
      const taken = takenAt[place];
      if (taken === undefined) {
        takenAt[place] = paths[t]!;
        if (input.outputRewrites.length > 0) rewriteEntity(entity, target, input.outputRewrites);
        if (toldTypes.length > 0 && toldTypes.includes(entity['__typename'] as string))
          entity['__typename'] = undefined;
      }
      mergeInto(target, taken === undefined || taken === paths[t] ? entity : copyOf(entity));
    }
  }
}

function rewriteEntity(entity: Target, target: Target, rewrites: Parameters<typeof applyRewrites>[0]): void {
  entity['__typename'] ??= target['__typename'];
  applyRewrites(rewrites, entity);
}
