// Whether an answer has the shape of what was asked: lists where lists belong, objects where objects do. Planners and
// executors trust that; a region that breaks it must cost its own fields only. Pure.
import { Kind, type SelectionSetNode } from 'graphql';
import { type OperationShape, responseName, rootTypeOf } from './operation-shape.ts';
import type { SchemaShape } from './schema-shape.ts';

/** What a value must be, unless it is null. */
export interface ExpectedShape {
  /** Depth of lists. */
  readonly lists: number;
  /** By response name; null for a value without fields. */
  readonly fields: ReadonlyMap<string, ExpectedShape> | null;
  /** Of a scalar of the schema's own, which may be any JSON. */
  readonly isAny: boolean;
}

/** The shape of `data`. What two fragments ask under one name has one shape: validation of the operation saw to that. */
export function expectedShape(shape: OperationShape, schema: SchemaShape): ExpectedShape {
  const fields = new Map<string, ExpectedShape>();
  collect(shape, schema, shape.operation.selectionSet, rootTypeOf(shape), fields);
  return { lists: 0, fields, isAny: false };
}

function collect(
  shape: OperationShape,
  schema: SchemaShape,
  set: SelectionSetNode,
  parent: string,
  into: Map<string, ExpectedShape>,
): void {
  for (const selection of set.selections) {
    if (selection.kind !== Kind.FIELD) {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : shape.fragments.find(definition => definition.name.value === selection.name.value);
      if (fragment) collect(shape, schema, fragment.selectionSet, fragment.typeCondition?.name.value ?? parent, into);
      continue;
    }
    const field = schema.get(parent)?.fields.get(selection.name.value);
    if (!field) continue; // __typename
    const name = responseName(selection);
    const known = into.get(name)?.fields;
    const fields = selection.selectionSet ? new Map(known ?? []) : null;
    if (fields) collect(shape, schema, selection.selectionSet!, field.type, fields);
    into.set(name, { lists: field.lists, fields, isAny: !fields && schema.get(field.type)?.kind === 'own scalar' });
  }
}

/** What is wrong with a value, or null. `name` is that of its field. */
export function shapeFlaw(
  value: unknown,
  expected: ExpectedShape,
  name: string,
  lists = expected.lists,
): string | null {
  if (value === null || value === undefined || expected.isAny) return null;
  if (lists > 0) {
    if (!Array.isArray(value)) return `answered ${kindOf(value)} where ${name} is a list`;
    return firstFlaw(value, item => shapeFlaw(item, expected, name, lists - 1));
  }
  if (!expected.fields)
    return typeof value === 'object' ? `answered ${kindOf(value)} where ${name} is one value` : null;
  if (typeof value !== 'object' || Array.isArray(value)) return `answered ${kindOf(value)} where ${name} is an object`;
  const object = value as Readonly<Record<string, unknown>>;
  return firstFlaw(expected.fields, ([field, inner]) => shapeFlaw(object[field], inner, field));
}

function firstFlaw<T>(items: Iterable<T>, flawOf: (item: T) => string | null): string | null {
  for (const item of items) {
    const flaw = flawOf(item);
    if (flaw !== null) return flaw;
  }
  return null;
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
