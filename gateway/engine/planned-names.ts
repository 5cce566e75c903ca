// The names under which fields are planned. A client may call one field by another's name, `id: hostname`; where plans read
// that other one (keys, and what a @requires names) it gets a name of its own, or entities are fetched by the wrong value:
// planners take one for the other in silence. Pure.
import { type DirectiveNode, type FieldNode, Kind, parse, visit } from 'graphql';
import { responseName } from './selection.ts';

const PREFIX = '_asked_'; // a client's own name that begins so gets it once more

export interface PlannedNames {
  /** Of a field below the root: the name that an answer has it by, or one that nothing else can have. */
  nameOf(node: FieldNode): string;
}

/** By the keys and the requirements that a supergraph tells. */
export function plannedNames(supergraphSdl: string): PlannedNames {
  const read = new Set(['__typename']);
  /** Read with arguments: the same name without them is another value. */
  const readWithArguments = new Set<string>();
  visit(parse(supergraphSdl, { noLocation: true }), {
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
      if (name.startsWith(PREFIX)) return `${PREFIX}${name}`;
      return read.has(name) && !isItself(node, name) ? `${PREFIX}${name}` : name;
    },
  };
}

/** The name in answers of what has this one in the data; for the paths of errors. */
export const answeredName = (planned: string): string =>
  planned.startsWith(PREFIX) ? planned.slice(PREFIX.length) : planned;

/** The selection in `@join__type(key:)` or `@join__field(requires:)`. */
function readBy({ name, arguments: given }: DirectiveNode): string | undefined {
  const argument = { join__type: 'key', join__field: 'requires' }[name.value];
  const value = given?.find(one => one.name.value === argument)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}
