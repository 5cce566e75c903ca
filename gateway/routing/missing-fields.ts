// Puts null where a region could not be asked for a field, and one error for each such field at its first place. Pure.
import { isIncluded, type Variables } from './operation-shape.ts';
import type { MissingField, MissingStep } from './schema-skew.ts';
import type { SubgraphAnswer, SubgraphError } from './transport.ts';

type Path = readonly (string | number)[];
interface Place {
  readonly object: Record<string, unknown>;
  readonly path: Path;
}

export interface AskedFor {
  readonly variables: Variables;
  /** Types of the entities that a root field asks for, in their order, by its response name. */
  readonly entityTypes: ReadonlyMap<string, readonly string[]>;
}

/**
 * Changes the answer's data in place. The nulls are as GraphQL has them: a field that may not be null takes its parent
 * with it, up to the nearest one that may.
 */
export function withMissing(
  answer: SubgraphAnswer,
  missing: readonly MissingField[],
  asked: AskedFor,
  errorOf: (field: MissingField) => SubgraphError,
): SubgraphAnswer {
  const errors = missing
    .filter(({ conditions }) => conditions.every(directives => isIncluded(directives, asked.variables)))
    .flatMap(field => {
      const places = placesOf(answer.data, field.path, asked.entityTypes);
      const name = field.path.at(-1)!.name;
      for (const { object } of places) object[name] = null;
      const [first] = places;
      if (!first) return [];
      const error = errorOf(field);
      const count = places.length > 1 ? { count: places.length } : {};
      return [{ ...error, path: [...first.path, name], extensions: { ...error.extensions, ...count } }];
    });
  return errors.length === 0 ? answer : { ...answer, errors: [...(answer.errors ?? []), ...errors] };
}

/** The objects that should have the field, in the order of the answer. */
function placesOf(data: unknown, steps: readonly MissingStep[], entityTypes: AskedFor['entityTypes']): Place[] {
  const places: Place[] = [];
  const typenames = entityTypes.get(steps[0]!.name);
  const walk = (value: unknown, at: number, path: Path, typename: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const [i, item] of value.entries())
        walk(item, at, [...path, i], at === 1 && typenames ? typenames[i] : undefined);
      return;
    }
    const object = value as Record<string, unknown>;
    const { name, on } = steps[at]!;
    const type = typename ?? object['__typename'];
    if (on !== null && typeof type === 'string' && type !== on) return;
    if (at === steps.length - 1) places.push({ object, path });
    else walk(object[name], at + 1, [...path, name], undefined);
  };
  walk(data, 0, [], undefined);
  return places;
}
