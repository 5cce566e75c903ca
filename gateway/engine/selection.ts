// Collects what a selection asks of one type: fragments opened, @skip and @include decided, fields of one response name
// joined, in the order in which an answer has them. Pure.
import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
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
  /** The name of a field below the root in plans and their data; its name in the answer when left out. */
  readonly plannedName?: ((node: FieldNode) => string) | undefined;
}

/** The name by which an object of this type has a field in the data. */
export function nameInData({ schema, plannedName }: SelectionContext, type: GraphQLCompositeType, node: FieldNode) {
  const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].includes(
    type as never,
  );
  return plannedName && !isRoot ? plannedName(node) : responseName(node); // no plan reads a root field of its own
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
  written: SelectionSetNode,
  parent: GraphQLCompositeType,
): void {
  for (const { node, condition, set } of directSelections(context, written)) {
    if (node) addField(found, node, parent);
    else if (!condition || applies(context.schema, condition, type))
      collectInto(found, context, type, set, condition ?? parent);
  }
}

/** A field, or what a fragment holds for the types of its condition. */
export type DirectSelection =
  | { readonly node: FieldNode; readonly condition?: undefined; readonly set?: undefined }
  | {
      readonly node?: undefined;
      readonly condition: GraphQLCompositeType | undefined;
      readonly set: SelectionSetNode;
    };

/** What stands directly in a selection, without what is skipped or not included. */
export function* directSelections(context: SelectionContext, set: SelectionSetNode): Generator<DirectSelection> {
  for (const selection of set.selections) {
    if (isLeftOut(selection.directives, context.conditions)) continue;
    if (selection.kind === Kind.FIELD) {
      yield { node: selection };
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : context.fragments.get(selection.name.value);
    if (!fragment) continue;
    const condition = fragment.typeCondition && context.schema.getType(fragment.typeCondition.name.value);
    if (fragment.typeCondition && !isCompositeType(condition)) continue;
    yield { condition: condition as GraphQLCompositeType | undefined, set: fragment.selectionSet };
  }
}

function addField(found: Map<string, CollectedField>, node: FieldNode, parent: GraphQLCompositeType): void {
  const name = responseName(node);
  let field = found.get(name);
  if (!field) {
    field = { node, parent, selections: [] };
    found.set(name, field);
  }
  const below = node.selectionSet && fieldTypeOf(node, parent);
  if (node.selectionSet && below) field.selections.push({ set: node.selectionSet, parent: below });
}

/** The type that a field's selection was written for. */
export function fieldTypeOf(node: FieldNode, parent: GraphQLCompositeType): GraphQLCompositeType | undefined {
  const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
  const type = field && getNamedType(field.type);
  return isCompositeType(type) ? type : undefined;
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
