// Collects what a selection asks of one type: fragments opened, @skip and @include decided, fields of one response name
// joined, in the order in which an answer has them. Pure.
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** A selection set and the type that it was written for. */
export interface TypedSelection {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

/** All the fields of one response name; the first says the field's type. */
export interface CollectedField {
  readonly node: FieldNode;
  readonly parent: GraphQLCompositeType;
  readonly selections: TypedSelection[];
}

export interface ClientOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

export interface SelectionContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Values of the variables in @skip and @include. */
  readonly conditions: ReadonlyMap<string, boolean>;
}

export const responseName = (node: FieldNode): string => node.alias?.value ?? node.name.value;

/** The fields that an object of this type has in the answer. */
export function collectFields(
  context: SelectionContext,
  type: GraphQLCompositeType,
  selections: readonly TypedSelection[],
): Map<string, CollectedField> {
  const found = new Map<string, CollectedField>();
  for (const { set, parent } of selections) collectInto(found, context, type, set, parent);
  return found;
}

function collectInto(
  found: Map<string, CollectedField>,
  context: SelectionContext,
  type: GraphQLCompositeType,
  set: SelectionSetNode,
  parent: GraphQLCompositeType,
): void {
  for (const selection of set.selections) {
    if (isLeftOut(selection.directives, context.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      addField(found, context, selection, parent);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : context.fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition && context.schema.getType(fragment.typeCondition.name.value);
    if (fragment.typeCondition && !(isCompositeType(condition) && applies(context.schema, condition, type))) continue;
    collectInto(found, context, type, fragment.selectionSet, isCompositeType(condition) ? condition : parent);
  }
}

function addField(
  found: Map<string, CollectedField>,
  context: SelectionContext,
  node: FieldNode,
  parent: GraphQLCompositeType,
): void {
  const name = responseName(node);
  let field = found.get(name);
  if (!field) {
    field = { node, parent, selections: [] };
    found.set(name, field);
  }
  const below = node.selectionSet && namedTypeOf(context.schema, node, parent);
  if (node.selectionSet && below) field.selections.push({ set: node.selectionSet, parent: below });
}

/** The type that a field's selection was written for. */
function namedTypeOf(
  schema: GraphQLSchema,
  node: FieldNode,
  parent: GraphQLCompositeType,
): GraphQLCompositeType | undefined {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  let type: unknown = field?.type;
  while (typeof type === 'object' && type !== null && 'ofType' in type) type = type.ofType;
  return isCompositeType(type) ? (schema.getType(type.name) as GraphQLCompositeType) : undefined;
}

export const applies = (schema: GraphQLSchema, condition: GraphQLCompositeType, type: GraphQLCompositeType): boolean =>
  condition === type ||
  (isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type));

function isLeftOut(
  directives: readonly DirectiveNode[] | undefined,
  conditions: ReadonlyMap<string, boolean>,
): boolean {
  return (directives ?? []).some(({ name, arguments: given }) => {
    if (name.value !== 'skip' && name.value !== 'include') return false;
    return isTrue(given?.[0]?.value, conditions) === (name.value === 'skip');
  });
}

const isTrue = (value: ValueNode | undefined, conditions: ReadonlyMap<string, boolean>): boolean =>
  value?.kind === Kind.VARIABLE
    ? conditions.get(value.name.value) === true
    : value?.kind === Kind.BOOLEAN && value.value;
