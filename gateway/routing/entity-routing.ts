// Splits an entity fetch by region and joins the answers in the order asked. Pure.
import { regionOf } from '../../schema/identity.ts';
import { ENTITY_ID } from './operation-shape.ts';
import type { SubgraphAnswer, SubgraphError } from './transport.ts';

export interface Representation {
  readonly __typename: string;
  readonly id?: unknown;
}

/** The representations of one region and where they stood in the list. */
export interface EntityShare {
  readonly region: string;
  readonly representations: readonly Representation[];
  readonly indexes: readonly number[];
}

/** Shares by region; `null` collects representations whose id names none. */
export function sharesByRegion(representations: readonly Representation[]): Map<string | null, EntityShare> {
  const shares = new Map<string | null, { region: string; representations: Representation[]; indexes: number[] }>();
  for (const [index, representation] of representations.entries()) {
    const region = regionOf(String(representation.id ?? ''));
    const share = shares.get(region) ?? { region: region ?? '', representations: [], indexes: [] };
    share.representations.push(representation);
    share.indexes.push(index);
    shares.set(region, share);
  }
  return shares;
}

export interface ShareAnswer {
  readonly share: EntityShare;
  readonly answer: SubgraphAnswer;
}

/** One answer to the whole fetch: entities in the order asked, errors at the places of their entities. */
export function joinShares(count: number, answers: readonly ShareAnswer[]): SubgraphAnswer {
  const entities: unknown[] = new Array(count).fill(null);
  const errors: SubgraphError[] = [];
  for (const { share, answer } of answers) {
    const found = answer.data?.['_entities'];
    if (Array.isArray(found)) for (const [i, index] of share.indexes.entries()) entities[index] = found[i] ?? null;
    for (const error of answer.errors ?? []) errors.push(placed(error, share));
  }
  return errors.length > 0 ? { data: { _entities: entities }, errors } : { data: { _entities: entities } };
}

/** Why an answer cannot be joined, or null. */
export function entityFlaw({ data, errors }: SubgraphAnswer, asked: readonly Representation[]): string | null {
  const entities = data?.['_entities'];
  if (!Array.isArray(entities)) return errors?.length ? null : 'answered no entities and no error';
  if (entities.length !== asked.length)
    return `answered ${entities.length} entities where ${asked.length} were asked for`;
  for (const [i, { id }] of asked.entries()) {
    const entity: unknown = entities[i];
    if (entity === null || entity === undefined) continue;
    if (typeof entity !== 'object' || Array.isArray(entity)) return 'answered something that is no entity';
    const given = (entity as Readonly<Record<string, unknown>>)[ENTITY_ID];
    if (given !== undefined && given !== id) return `answered for ${String(given)} where ${String(id)} was asked for`;
  }
  return null;
}

function placed(error: SubgraphError, share: EntityShare): SubgraphError {
  const [root, local, ...rest] = error.path ?? [];
  const index = root === '_entities' && typeof local === 'number' ? share.indexes[local] : share.indexes[0];
  return {
    ...error,
    path: ['_entities', index ?? 0, ...rest],
    extensions: share.region === '' ? error.extensions : { ...error.extensions, region: share.region },
  };
}

/**
 * What stands in for a region that gave no answer: one error for each field that was asked of it, at the first entity
 * that misses it, with the number of entities it speaks for.
 */
export function missingShare(
  share: EntityShare,
  error: SubgraphError,
  fieldsOf: (typename: string) => readonly string[],
): SubgraphAnswer {
  const firstOfType = new Map<string, number>();
  const counts = new Map<string, number>();
  for (const [i, { __typename }] of share.representations.entries()) {
    if (!firstOfType.has(__typename)) firstOfType.set(__typename, i);
    counts.set(__typename, (counts.get(__typename) ?? 0) + 1);
  }
  const errors = [...firstOfType].flatMap(([typename, first]) => {
    const count = counts.get(typename)!;
    const extensions = count > 1 ? { ...error.extensions, count } : error.extensions;
    return fieldsOf(typename).map(field => ({ ...error, path: ['_entities', first, field], extensions }));
  });
  return { data: { _entities: share.representations.map(() => null) }, errors };
}
