// Which fields of the objects at which a lane begins are the lane's alone, and how the client wants them: those an edge door
// can write as the client gets them, and nobody has to read them again. Pure.
import {
  type GraphQLCompositeType,
  type GraphQLOutputType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { type FieldShape, MOST_SHAPE_FIELDS, type ValueShape } from '../../federation/answer-shape.ts';
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { Path } from '../../federation/fetch-plan.ts';
import { leafKindOf } from '../../federation/leaf-text.ts';
import { namesAt, type Unit } from './lanes.ts';
import {
  type CollectedField,
  collectFields,
  fieldTypeOf,
  nameInData,
  type SelectionContext,
  type TypedSelection,
} from './selection.ts';

export interface LaneShapeDeps {
  readonly context: SelectionContext;
  /** All that the client asks. */
  readonly asked: TypedSelection;
  readonly units: readonly Unit[];
}

/** Null when the lane's data is needed as data: another fetch reads it or writes into it, or types are only known from it. */
export function laneShape({ context, asked, units }: LaneShapeDeps, at: number): readonly FieldShape[] | null {
  const { lane } = units[at]!;
  if (!lane?.length || units.some(({ after }) => after.includes(at))) return null;
  const place = placeAt(context, { type: asked.parent, selections: [asked] }, lane);
  if (!place) return null;
  const fetchesOf = (some: readonly Unit[]): CompiledFetch[] =>
    some.flatMap(unit => unit.fetches.map(({ compiled }) => compiled));
  const own = namesAt(fetchesOf([units[at]!]), lane);
  const others = namesAt(fetchesOf(units.filter((_, i) => i !== at)), lane);
  const budget = { left: MOST_SHAPE_FIELDS };
  const fields: FieldShape[] = [];
  for (const [name, field] of collectFields(context, place.type, place.selections)) {
    const from = nameInData(context, place.type, field.node);
    if (field.node.name.value === '__typename' || !own.has(from)) continue;
    if (others.has(from)) {
      if (field.selections.length > 0) return null; // each brings a part of it
      continue;
    }
    const value = fieldShape(context, place.type, field, budget);
    if (!value) return null;
    fields.push(from === name ? { name, value } : { name, from, value });
  }
  return fields.length > 0 ? fields : null;
}

interface Place {
  readonly type: GraphQLCompositeType;
  readonly selections: readonly TypedSelection[];
}

/** What the client asks of the objects at a path; null where they may be of several types. */
function placeAt(context: SelectionContext, from: Place, path: Path): Place | null {
  let place = from;
  for (const segment of path) {
    if ('list' in segment) continue;
    if ('types' in segment) return null;
    const next = [...collectFields(context, place.type, place.selections).values()].find(
      ({ node }) => nameInData(context, place.type, node) === segment.field,
    );
    const type = next && fieldTypeOf(next.node, place.type);
    if (!next || !isObjectType(type)) return null;
    place = { type, selections: next.selections };
  }
  return place;
}

/** Null for what is of several types, or too much. */
function fieldShape(
  context: SelectionContext,
  parent: GraphQLCompositeType,
  field: CollectedField,
  budget: { left: number },
): ValueShape | null {
  const type = isObjectType(parent) ? parent.getFields()[field.node.name.value]?.type : undefined;
  return type ? valueShape(context, type, field, budget) : null;
}

function valueShape(
  context: SelectionContext,
  type: GraphQLOutputType,
  field: CollectedField,
  budget: { left: number },
): ValueShape | null {
  if (isNonNullType(type)) {
    const nullable = valueShape(context, type.ofType, field, budget);
    return nullable && { isRequired: true, ...nullable };
  }
  if (isListType(type)) {
    const list = valueShape(context, type.ofType, field, budget);
    return list && { list };
  }
  if (isEnumType(type)) return { values: type.getValues().map(({ name }) => name) };
  if (isScalarType(type)) return { leaf: leafKindOf(type.name) };
  if (!isObjectType(type)) return null;
  const fields: FieldShape[] = [];
  for (const [name, below] of collectFields(context, type, field.selections)) {
    if (budget.left-- === 0) return null;
    if (below.node.name.value === '__typename') {
      fields.push({ name, typename: type.name });
      continue;
    }
    const value = fieldShape(context, type, below, budget);
    if (!value) return null;
    const from = nameInData(context, type, below.node);
    fields.push(from === name ? { name, value } : { name, from, value });
  }
  return { fields };
}
