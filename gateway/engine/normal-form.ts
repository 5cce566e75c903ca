// Rewrites an operation to the plainest one that asks for the same: no fragments with names, @skip and @include decided,
// each field once, type conditions only where they say something. Planners are given nothing else: they plan it faster, and
// the ways in which clients can write the same thing are the ways in which planners go wrong. Pure.
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import {
  applies,
  directSelections,
  fieldTypeOf,
  nameInData,
  responseName,
  type SelectionContext,
  type TypedSelection,
} from './selection.ts';

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/** Root fields that `isKept` refuses are left out. Null when no field is left. */
export function normalForm(
  context: SelectionContext,
  operation: OperationDefinitionNode,
  isKept: (fieldName: string) => boolean,
): OperationDefinitionNode | null {
  const root = context.schema.getRootType(operation.operation);
  if (!root) return null;
  const whole = selectionOf(context, root, [{ set: operation.selectionSet, parent: root }]);
  const selections = whole.selections.filter(node => node.kind !== Kind.FIELD || isKept(node.name.value));
  return selections.length > 0 ? { ...operation, selectionSet: { ...whole, selections } } : null;
}

interface Draft {
  readonly node: FieldNode;
  readonly below: TypedSelection[];
}

function selectionOf(
  context: SelectionContext,
  type: GraphQLCompositeType,
  written: readonly TypedSelection[],
): SelectionSetNode {
  const fields = new Map<string, Draft>();
  const narrower = new Map<GraphQLCompositeType, TypedSelection[]>();
  const visit = ({ set, parent }: TypedSelection): void => {
    for (const { node, condition, set: inner } of directSelections(context, set)) {
      if (node) {
        // whoever writes the answer knows every other name that clients gave it
        const asked = node.name.value === '__typename' ? TYPENAME : named(node, nameInData(context, type, node));
        const known = fields.get(responseName(asked));
        const draft = known ?? { node: asked, below: [] };
        if (!known) fields.set(responseName(asked), draft);
        const below = node.selectionSet && fieldTypeOf(node, parent);
        if (node.selectionSet && below) draft.below.push({ set: node.selectionSet, parent: below });
      } else if (!condition || applies(context.schema, condition, type)) {
        visit({ set: inner, parent: condition ?? parent });
      } else if (overlaps(context.schema, condition, type)) {
        const known = narrower.get(condition);
        if (known) known.push({ set: inner, parent: condition });
        else narrower.set(condition, [{ set: inner, parent: condition }]);
      }
    }
  };
  for (const one of written) visit(one);
  const selections: SelectionNode[] = [...fields.values()].map(draft => fieldOf(context, draft));
  for (const [condition, inner] of narrower)
    selections.push(fragmentOn(condition, selectionOf(context, condition, inner)));
  // an object of which nothing is asked is still there, or not
  return { kind: Kind.SELECTION_SET, selections: selections.length > 0 ? selections : [TYPENAME] };
}

/** A field whose alias is its own name makes the native planner abort the whole process. */
function named({ alias: _, ...node }: FieldNode, name: string): FieldNode {
  return name === node.name.value ? node : { ...node, alias: { kind: Kind.NAME, value: name } };
}

function fieldOf(context: SelectionContext, { node, below }: Draft): FieldNode {
  const { directives: _, selectionSet, ...field } = node;
  const type = below[0]?.parent;
  if (!selectionSet || !type) return selectionSet ? { ...field, selectionSet } : field;
  return { ...field, selectionSet: selectionOf(context, type, below) };
}

const fragmentOn = (condition: GraphQLCompositeType, selectionSet: SelectionSetNode): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: condition.name } },
  selectionSet,
});

/** Whether an object can be of both types. */
function overlaps(schema: GraphQLSchema, a: GraphQLCompositeType, b: GraphQLCompositeType): boolean {
  const partsOf = (type: GraphQLCompositeType) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]);
  const parts = partsOf(b);
  return partsOf(a).some(part => isObjectType(part) && parts.includes(part));
}
