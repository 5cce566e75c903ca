// The names under which fields are planned. A client may call one field by another's name, `id: hostname`; where plans read
// that other one (keys, and what a @requires names) it gets a name of its own, or entities are fetched by the wrong value:
// planners take one for the other in silence. So does a field of an @interfaceObject: where it is one name of several things
// (`... on Book { reviews }  ... on Movie { reviews(first: 1) }`) Apollo's planner fetches one for all, and the native one
// panics. Pure.
import { createHash } from 'node:crypto';
import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type FieldNode,
  Kind,
  type ObjectValueNode,
  parse,
  print,
  visit,
} from 'graphql';
import { responseName } from './selection.ts';

const MARK = '_asked'; // a client's own name that begins so gets it once more
const MARKED = /^_asked([0-9a-f]{8})?_/;

export interface PlannedNames {
  /** Of a field below the root: the name that an answer has it by, or one that nothing else can have. */
  nameOf(node: FieldNode): string;
}

/** By the keys and the requirements that a supergraph tells. */
export function plannedNames(supergraphSdl: string): PlannedNames {
  const read = new Set(['__typename']);
  /** Read with arguments: the same name without them is another value. */
  const readWithArguments = new Set<string>();
  const ofInterfaceObjects = new Set<string>();
  visit(parse(supergraphSdl, { noLocation: true }), {
    InterfaceTypeDefinition: ({ directives = [], fields = [] }) => {
      if (directives.some(isInterfaceObject)) for (const { name } of fields) ofInterfaceObjects.add(name.value);
    },
    Directive: directive => {
      const text = readBy(directive);
      if (text === undefined) return;
      visit(parse(`{ ${text} }`), {
        Field: ({ name, arguments: given }) => {
          read.add(name.value);
          if (given?.length) readWithArguments.add(name.value);
        },
      });
    },
  });
  const isItself = (node: FieldNode, name: string): boolean =>
    node.name.value === name && !node.arguments?.length && !readWithArguments.has(name);
  return {
    nameOf: node => {
      const name = responseName(node);
      if (ofInterfaceObjects.has(node.name.value) && !isItself(node, name)) return `${MARK}${whatOf(node)}_${name}`;
      const isMarked = name.startsWith(MARK) || (read.has(name) && !isItself(node, name));
      return isMarked ? `${MARK}_${name}` : name;
    },
  };
}

/** The same for two fields that GraphQL takes for one, and for no others. */
function whatOf({ name, arguments: given = [] }: FieldNode): string {
  const values = given.map(({ name, value }) => `${name.value}:${print(visit(value, { ObjectValue: inOrder }))}`);
  const text = `${name.value}(${values.sort().join(' ')})`;
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

const inOrder = {
  leave: (value: ObjectValueNode): ObjectValueNode => ({
    ...value,
    fields: value.fields.toSorted((a, b) => (a.name.value < b.name.value ? -1 : 1)),
  }),
};

/** The name in answers of what has this one in the data; for the paths of errors. */
export const answeredName = (planned: string): string => planned.replace(MARKED, '');

const isInterfaceObject = ({ name, arguments: given = [] }: ConstDirectiveNode): boolean =>
  name.value === 'join__type' &&
  given.some(one => one.name.value === 'isInterfaceObject' && one.value.kind === Kind.BOOLEAN && one.value.value);

/** The selection in `@join__type(key:)` or `@join__field(requires:)`. */
function readBy({ name, arguments: given }: DirectiveNode): string | undefined {
  const argument = { join__type: 'key', join__field: 'requires' }[name.value];
  const value = given?.find(one => one.name.value === argument)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
