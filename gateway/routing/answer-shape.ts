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

/** What is wrong with a value, or null. */
export type ShapeCheck = (value: unknown) => string | null;

/** Compiled, as every answer of every region passes it. `name` is that of the field. */
export function shapeCheck({ lists, fields, isAny }: ExpectedShape, name: string): ShapeCheck {
  if (isAny) return () => null;
  let check = fields ? objectCheck(fields, name) : valueCheck(name);
  for (let depth = 0; depth < lists; depth++) check = listCheck(check, name);
  return check;
}

const isMissing = (value: unknown): value is null | undefined => value === null || value === undefined;

const valueCheck =
  (name: string): ShapeCheck =>
  value =>
    typeof value === 'object' && value !== null ? `answered ${kindOf(value)} where ${name} is one value` : null;

const listCheck =
  (check: ShapeCheck, name: string): ShapeCheck =>
  value => {
    if (isMissing(value)) return null;
    if (!Array.isArray(value)) return `answered ${kindOf(value)} where ${name} is a list`;
    for (let i = 0; i < value.length; i++) {
      const flaw = check(value[i]);
      if (flaw !== null) return flaw;
    }
    return null;
  };

function objectCheck(fields: ReadonlyMap<string, ExpectedShape>, name: string): ShapeCheck {
  const checked = [...fields].filter(([, { isAny }]) => !isAny);
  // a value on its own needs no call
  const values = checked.flatMap(([field, { lists, fields: inner }]) => (lists === 0 && !inner ? [field] : []));
  const others = checked.flatMap(([field, inner]) =>
    inner.lists === 0 && !inner.fields ? [] : [{ field, check: shapeCheck(inner, field) }],
  );
  return value => {
    if (isMissing(value)) return null;
    if (typeof value !== 'object' || Array.isArray(value))
      return `answered ${kindOf(value)} where ${name} is an object`;
    const object = value as Readonly<Record<string, unknown>>;
    for (let i = 0; i < values.length; i++) {
      const given = object[values[i]!];
      if (typeof given === 'object' && given !== null)
        return `answered ${kindOf(given)} where ${values[i]} is one value`;
    }
    for (let i = 0; i < others.length; i++) {
      const { field, check } = others[i]!;
      const flaw = check(object[field]);
      if (flaw !== null) return flaw;
    }
    return null;
  };
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
