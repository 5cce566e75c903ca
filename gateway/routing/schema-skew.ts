// Leaves out of an operation what a region's schema does not know, and says what was left out and where its null belongs.
// Pure; see docs/decisions/0021-regions-of-other-releases.md.
import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql';
import { ENTITY_ID, type OperationShape, responseName } from './operation-shape.ts';
import { namedTypeOf, type SchemaShape, type TypeShape } from './schema-shape.ts';

/** One step from an object to a field; `on` when only objects of that type have it. */
export interface MissingStep {
  readonly name: string;
  readonly on: string | null;
}

export interface MissingField {
  /** From the root of the operation to the field, by response names. */
  readonly path: readonly MissingStep[];
  /** `Host.cpu` */
  readonly coordinate: string;
  /** `@skip` and `@include` on the way, place by place: the field is missed only where it is wanted. */
  readonly conditions: readonly (readonly DirectiveNode[])[];
}

export interface PrunedOperation {
  /** What the region can be asked; null when nothing is left that is worth asking. */
  readonly text: string | null;
  readonly missing: readonly MissingField[];
}

/** Where in the operation the walk is. */
interface Place {
  readonly path: readonly MissingStep[];
  readonly conditions: readonly (readonly DirectiveNode[])[];
  /** Type of the objects here, and whether only some of those that may stand here are of it. */
  readonly parent: string;
  readonly on: string | null;
}

interface Walk {
  readonly schema: SchemaShape;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Type of each variable. */
  readonly variables: ReadonlyMap<string, string>;
  readonly missing: MissingField[];
}

const ROOTS = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;
const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Null when the schema knows everything that the operation asks. */
export function prune({ operation, fragments }: OperationShape, schema: SchemaShape): PrunedOperation | null {
  const walk: Walk = {
    schema,
    fragments: new Map(fragments.map(fragment => [fragment.name.value, fragment])),
    variables: new Map(
      (operation.variableDefinitions ?? []).map(({ variable, type }) => [variable.name.value, namedTypeOf(type)]),
    ),
    missing: [],
  };
  const kept = keptOf(walk, operation.selectionSet, {
    path: [],
    conditions: [],
    parent: ROOTS[operation.operation],
    on: null,
  });
  if (walk.missing.length === 0) return null;
  return { text: asksNothing(kept) ? null : printOf(operation, kept), missing: walk.missing };
}

/** The selections that the schema knows; named fragments are opened, since what is left of one differs by place. */
function keptOf(walk: Walk, set: SelectionSetNode, place: Place): SelectionNode[] {
  return set.selections.flatMap((selection): SelectionNode[] => {
    const { directives = [] } = selection;
    const here = directives.length === 0 ? place : { ...place, conditions: [...place.conditions, directives] };
    if (selection.kind === Kind.FIELD) return keptField(walk, selection, here);
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : walk.fragments.get(selection.name.value);
    if (!fragment) return [];
    const { typeCondition } = fragment;
    const inner = keptOf(
      walk,
      fragment.selectionSet,
      typeCondition ? within(walk, here, typeCondition.name.value) : here,
    );
    if (typeCondition && !walk.schema.has(typeCondition.name.value)) return [];
    const base = { kind: Kind.INLINE_FRAGMENT, directives, selectionSet: setOf(inner) } as const;
    return [typeCondition ? { ...base, typeCondition } : base];
  });
}

/** A type that the region does not know is taken for an object: none of them is in its answer. */
const within = ({ schema }: Walk, place: Place, type: string): Place => ({
  ...place,
  parent: type,
  on: schema.get(type)?.kind === 'abstract' ? place.on : type,
});

function keptField(walk: Walk, field: FieldNode, { path, conditions, parent, on }: Place): FieldNode[] {
  const name = field.name.value;
  if (name === '__typename') return [field];
  const here = [...path, { name: responseName(field), on }];
  const known = walk.schema.get(parent)?.fields.get(name);
  const type = known && walk.schema.get(known.type);
  if (!known || !fits(type, field) || !(field.arguments ?? []).every(arg => knowsArgument(walk, known.args, arg))) {
    walk.missing.push({ path: here, coordinate: `${parent}.${name}`, conditions });
    return [];
  }
  if (!field.selectionSet) return [field];
  const kept = keptOf(walk, field.selectionSet, { path: here, conditions, parent: known.type, on: null });
  return [{ ...field, selectionSet: setOf(kept) }];
}

/** A field that became an object, or was one, is another field. */
const fits = (type: TypeShape | undefined, { selectionSet }: FieldNode): boolean =>
  (type?.kind === 'object' || type?.kind === 'abstract') === (selectionSet !== undefined);

/** An argument that the region would not heed makes another question: better no answer than that one's. */
function knowsArgument(walk: Walk, args: ReadonlyMap<string, string>, { name, value }: ArgumentNode): boolean {
  const type = args.get(name.value);
  return type !== undefined && knowsValue(walk, type, value);
}

function knowsValue(walk: Walk, typeName: string, value: ValueNode): boolean {
  const type = walk.schema.get(typeName);
  switch (value.kind) {
    case Kind.VARIABLE:
      return walk.variables.get(value.name.value) === typeName && type !== undefined;
    case Kind.ENUM:
      return type?.kind !== 'enum' || type.values.has(value.value);
    case Kind.LIST:
      return value.values.every(item => knowsValue(walk, typeName, item));
    case Kind.OBJECT:
      if (type?.kind !== 'input') return true;
      return value.fields.every(({ name, value: inner }) => {
        const field = type.fields.get(name.value);
        return field !== undefined && knowsValue(walk, field.type, inner);
      });
    default:
      return true;
  }
}

/** A list of objects of which nothing is left to ask still has its length. */
const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections: selections.length > 0 ? selections : [TYPENAME],
});

/** Whether only names of types are asked: of entities, whose type and number are known. */
function asksNothing(selections: readonly SelectionNode[]): boolean {
  return selections.every(selection => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return asksNothing(selection.selectionSet.selections);
    if (selection.kind !== Kind.FIELD || selection.name.value === '__typename') return true;
    if (responseName(selection) === ENTITY_ID) return true;
    return selection.name.value === '_entities' && asksNothing(selection.selectionSet?.selections ?? []);
  });
}

function printOf(operation: OperationDefinitionNode, selections: readonly SelectionNode[]): string {
  const selectionSet = setOf(selections);
  const used = new Set<string>();
  visit(selectionSet, { Variable: ({ name }) => void used.add(name.value) });
  const variableDefinitions = (operation.variableDefinitions ?? []).filter(d => used.has(d.variable.name.value));
  return print({ ...operation, variableDefinitions, selectionSet });
}
