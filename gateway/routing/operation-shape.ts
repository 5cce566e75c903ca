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
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';

export interface OperationShape {
  readonly operation: OperationDefinitionNode;
  readonly fragments: readonly FragmentDefinitionNode[];
}

export type Variables = Readonly<Record<string, unknown>>;

export interface ShapeCache {
  shapeOf(query: string): OperationShape;
}

const KEPT = 1_000; // operations; the planner makes a handful per client operation

export function shapeCache(): ShapeCache {
  const shapes = new Map<string, OperationShape>();
  return {
    shapeOf: query => {
      const known = shapes.get(query);
      if (known) {
        shapes.delete(query); // most recently used last
        shapes.set(query, known);
        return known;
      }
      const shape = readShape(query);
      shapes.set(query, shape);
      if (shapes.size > KEPT) shapes.delete(shapes.keys().next().value!);
      return shape;
    },
  };
}

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

/** The names under which `_entities` of a type asks for fields: where the answer, or the error, has its place. */
export function entityFieldNames(shape: OperationShape, variables: Variables, typename: string): string[] {
  const entities = rootFields(shape, variables).find(field => field.name.value === '_entities');
  if (!entities?.selectionSet) return [];
  const fields = fieldsIn(shape, entities.selectionSet, variables, typename);
  return [...new Set(fields.filter(field => field.name.value !== '__typename').map(responseName))];
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

function isIncluded(directives: readonly DirectiveNode[] | undefined, variables: Variables): boolean {
  if (!directives?.length) return true;
  const node = { directives };
  const skip = getDirectiveValues(GraphQLSkipDirective, node, { ...variables });
  const include = getDirectiveValues(GraphQLIncludeDirective, node, { ...variables });
  return skip?.['if'] !== true && include?.['if'] !== false;
}
