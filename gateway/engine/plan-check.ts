// Finds plans that would leave fields out in silence. The native planner may join two jumps into an @interfaceObject, made
// for different types, and then makes the joined one for the objects of one of them only. Pure.
import {
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import type { EntityInput, FetchPlan } from '../../federation/fetch-plan.ts';
import { fetchSelection, responseName as nameOf } from '../../federation/fetch-selection.ts';
import { applies, directSelections, fieldTypeOf, responseName, type TypedSelection } from './selection.ts';

/** Why a plan must not be used, or null. `operation` is in normal form. */
export function planFlaw(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  { fetches }: FetchPlan,
): string | null {
  const jumps = fetches.flatMap(({ inputs, operation: text }) =>
    inputs.filter(isJump).flatMap(input => jumpsOf(input, text)),
  );
  for (const { fields, name, types } of jumps) {
    const asked = typesAsking(schema, operation, fields, name);
    const reached = new Set(
      jumps.filter(jump => jump.name === name && isSame(jump.fields, fields)).flatMap(jump => jump.types),
    );
    const left = asked.find(type => !reached.has(type));
    if (left !== undefined && types.length > 0) return `it fetches ${[...fields, name].join('.')}, but not of ${left}`;
  }
  return null;
}

interface Jump {
  readonly fields: readonly string[];
  /** A field that it provides, and the types of objects that it is made for. */
  readonly name: string;
  readonly types: readonly string[];
}

/** Objects are sent under the name of their interface. */
const isJump = ({ inputRewrites }: EntityInput): boolean => inputRewrites.some(rewrite => 'set' in rewrite);

function jumpsOf({ alias, paths, requires }: EntityInput, text: string): Jump[] {
  const types = requires.flatMap(requirement => ('types' in requirement ? requirement.types : []));
  const names = fetchSelection(text).fieldsBelow(alias).map(nameOf);
  return paths.flatMap(path => {
    const fields = path.flatMap(segment => ('field' in segment ? [segment.field] : []));
    return names.filter(name => name !== '__typename').map(name => ({ fields, name, types }));
  });
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');

/** The types of objects at a place of the answer of which the client asks for a field. */
function typesAsking(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fields: readonly string[],
  name: string,
): string[] {
  const root = schema.getRootType(operation.operation);
  if (!root) return [];
  const context = { schema, fragments: new Map(), conditions: new Map() };
  const asking = new Set<string>();
  const visit = ({ set, parent }: TypedSelection, at: number, types: readonly string[]): void => {
    for (const { node, condition, set: inner } of directSelections(context, set)) {
      if (!node) {
        const within = condition ?? parent;
        visit(
          { set: inner, parent: within },
          at,
          types.filter(type => isOf(schema, type, within)),
        );
      } else if (at === fields.length) {
        if (responseName(node) === name) for (const type of types) asking.add(type);
      } else if (responseName(node) === fields[at] && node.selectionSet) {
        const below = fieldTypeOf(node, parent);
        if (below) visit({ set: node.selectionSet, parent: below }, at + 1, partsOf(schema, below));
      }
    }
  };
  visit({ set: operation.selectionSet, parent: root }, 0, [root.name]);
  return [...asking];
}

const partsOf = (schema: GraphQLSchema, type: GraphQLCompositeType): string[] =>
  isAbstractType(type) ? schema.getPossibleTypes(type).map(part => part.name) : [type.name];

function isOf(schema: GraphQLSchema, name: string, condition: GraphQLCompositeType): boolean {
  const type = schema.getType(name);
  return type !== undefined && applies(schema, condition, type as GraphQLCompositeType);
}

export const isOperation = (node: { readonly kind: string }): node is OperationDefinitionNode =>
  node.kind === Kind.OPERATION_DEFINITION;
