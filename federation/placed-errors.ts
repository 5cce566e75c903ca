// Puts the errors of one fetch at their places in the answer: those of a subgraph at every object that they speak of, and
// those of a fetch without an answer once for each field that misses, with the number of objects.
import type { CompiledFetch } from './compiled-fetch.ts';
import type { BatchInput, EntityBatch } from './entity-batch.ts';
import type { EntityInput } from './fetch-plan.ts';
import { responseName } from './fetch-selection.ts';
import { getOwn } from './own-property.ts';
import type { FetchFailure, PlacedError, SubgraphError } from './subgraph-answer.ts';
import { type AnswerPath, placesAt, type Target } from './targets.ts';

const NO_CODE = 'DOWNSTREAM_SERVICE_ERROR';

export function detailed(error: SubgraphError, subgraph: string, region: string | null): PlacedError {
  return {
    message: error.message === '' ? `The subgraph ${subgraph} failed and did not say why.` : error.message,
    path: error.path,
    extensions: {
      ...error.extensions,
      code: error.extensions?.['code'] ?? NO_CODE,
      serviceName: error.extensions?.['serviceName'] ?? subgraph,
      ...(region === null ? {} : { region }),
    },
  };
}

/** Errors within an answer. */
export function placeErrors(
  compiled: CompiledFetch,
  batch: EntityBatch,
  errors: readonly SubgraphError[],
  root: Target,
): PlacedError[] {
  const places = placesOf(root);
  return errors.flatMap(error => {
    const told = detailed(error, compiled.fetch.subgraph, batch.region);
    const [alias, index, ...rest] = error.path ?? [];
    const at = Math.max(
      0,
      compiled.inputs.findIndex(({ input }) => input.alias === alias),
    );
    const share = batch.inputs[at]!;
    const { input } = compiled.inputs[at]!;
    if (typeof index !== 'number') return [{ ...told, path: places(input, share.targets[0])[0] }];
    const targets = new Set(share.targets.filter((_, t) => share.places[t] === index));
    return [...targets].flatMap(target => places(input, target).map(place => ({ ...told, path: [...place, ...rest] })));
  });
}

/** What stands in for the answer to a batch: for each field of each type one error, at the first object that misses it. */
export function missingErrors(
  compiled: CompiledFetch,
  batch: EntityBatch,
  { error, known }: FetchFailure,
  root: Target,
): PlacedError[] {
  const places = placesOf(root);
  const told = detailed(error, compiled.fetch.subgraph, batch.region);
  return compiled.inputs.flatMap(({ input }, i) =>
    [...byType(batch.inputs[i]!)].flatMap(([typename, targets]) => {
      const names = compiled.selection.fieldsBelow(input.alias, typename).filter(isAsked).map(responseName);
      return [...new Set(names)].flatMap(name => {
        const missing = known ? targets.filter(target => getOwn(target, name) === undefined) : targets;
        if (missing.length === 0) return [];
        const place = places(input, missing[0])[0] ?? [];
        const extensions = missing.length > 1 ? { ...told.extensions, count: missing.length } : told.extensions;
        return [{ ...told, path: [...place, name], extensions }];
      });
    }),
  );
}

const isAsked = ({ name }: { readonly name: { readonly value: string } }): boolean => name.value !== '__typename';

function byType({ targets }: BatchInput): Map<string, Target[]> {
  const found = new Map<string, Target[]>();
  for (const target of targets) {
    const typename = String(target['__typename']);
    const known = found.get(typename);
    if (known) known.push(target);
    else found.set(typename, [target]);
  }
  return found;
}

/** Looks a path up once for all errors of a batch. */
function placesOf(root: Target): (input: EntityInput, target: Target | undefined) => readonly AnswerPath[] {
  const known = new Map<EntityInput, Map<Target, AnswerPath[]>[]>();
  return (input, target) => {
    let maps = known.get(input);
    if (!maps) {
      maps = input.paths.map(path => placesAt(root, path));
      known.set(input, maps);
    }
    return target ? maps.flatMap(map => map.get(target) ?? []) : [];
  };
}
