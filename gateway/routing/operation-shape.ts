// What routing must know of a subgraph operation, read once per text: its root fields, and the names under which an
// entity fetch asks for fields. Pure; the cache is bounded.
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { lru } from '../../runtime/lru.ts';

export interface OperationShape {
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
}

export type Variables = Readonly<Record<string, unknown>>;

export interface ShapeCache {
  shapeOf(query: string): OperationShape;
  /** The same entity fetch, asking each entity for its id too. */
  withIds(query: string): string;
}

/** Under this name every entity of a fetch is asked for its id: the only proof that it is the one that was asked for. */
export const ENTITY_ID = 'murmuration_id';

const KEPT = 1_000; // operations; the planner makes a handful per client operation

export function shapeCache(): ShapeCache {
  const shapes = lru<string, OperationShape>(KEPT);
  const texts = lru<string, string>(KEPT);
  const shapeOf = (query: string): OperationShape => shapes.getOrMake(query, () => readShape(query));
  return { shapeOf, withIds: query => texts.getOrMake(query, () => askingIds(shapeOf(query))) };
}

/** The same entity fetch as text, asking each entity for its id too. */
export function askingIds({ operation, fragments }: OperationShape): string {
  const selections = operation.selectionSet.selections.map(field =>
    field.kind === Kind.FIELD && field.name.value === '_entities' && field.selectionSet
      ? { ...field, selectionSet: { ...field.selectionSet, selections: field.selectionSet.selections.map(withId) } }
      : field,
  );
  const changed = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  return print({ kind: Kind.DOCUMENT, definitions: [changed, ...fragments] });
}

/** Planners ask entities in a fragment for each type, all of which have an id. */
const withId = (selection: SelectionNode): SelectionNode =>
  selection.kind === Kind.INLINE_FRAGMENT && selection.typeCondition
    ? {
        ...selection,
        selectionSet: { ...selection.selectionSet, selections: [...selection.selectionSet.selections, ID_FIELD] },
      }
    : selection;

const ID_FIELD: FieldNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: ENTITY_ID },
  name: { kind: Kind.NAME, value: 'id' },
};

export function readShape(query: string): OperationShape {
  const { definitions } = parse(query, { noLocation: true });
  const operation = definitions.find(definition => definition.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('a subgraph request without an operation');
  return { operation, fragments: definitions.filter(definition => definition.kind === Kind.FRAGMENT_DEFINITION) };
}

export const rootTypeOf = ({ operation }: OperationShape): 'Query' | 'Mutation' =>
  operation.operation === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';

/** The variables that were given, and the operation's own defaults for the others. */
export function withDefaults({ operation }: OperationShape, given: Variables = {}): Variables {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...given };
}

/** The fields that are asked for at the top, in order; fragments are opened, what is skipped is left out. */
export function rootFields(shape: OperationShape, variables: Variables): FieldNode[] {
  return fieldsIn(shape, shape.operation.selectionSet, variables, null);
}

/** What `_entities` of a type asks for. */
export function entityFields(shape: OperationShape, variables: Variables, typename: string): FieldNode[] {
  const entities = rootFields(shape, variables).find(field => field.name.value === '_entities');
  return entities?.selectionSet ? fieldsIn(shape, entities.selectionSet, variables, typename) : [];
}

/** The names under which `_entities` of a type asks for fields: where the answer, or the error, has its place. */
export function entityFieldNames(shape: OperationShape, variables: Variables, typename: string): string[] {
  const fields = entityFields(shape, variables, typename);
  return [...new Set(fields.map(responseName).filter(name => name !== '__typename' && name !== ENTITY_ID))];
}

export const responseName = (field: FieldNode): string => field.alias?.value ?? field.name.value;

function fieldsIn(
  shape: OperationShape,
  set: SelectionSetNode,
  variables: Variables,
  typename: string | null,
): FieldNode[] {
  return set.selections.flatMap(selection => {
    if (!isIncluded(selection.directives, variables)) return [];
    if (selection.kind === Kind.FIELD) return [selection];
    const fragment =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : shape.fragments.find(definition => definition.name.value === selection.name.value);
    const condition = fragment?.typeCondition?.name.value;
    if (!fragment || (typename !== null && condition !== undefined && condition !== typename)) return [];
    return fieldsIn(shape, fragment.selectionSet, variables, typename);
  });
}

/** What `@skip` and `@include` among the directives say. */
export function isIncluded(directives: readonly DirectiveNode[] | undefined, variables: Variables): boolean {
  if (!directives?.length) return true;
  const node = { directives };
  const skip = getDirectiveValues(GraphQLSkipDirective, node, { ...variables });
  const include = getDirectiveValues(GraphQLIncludeDirective, node, { ...variables });
  return skip?.['if'] !== true && include?.['if'] !== false;
}
