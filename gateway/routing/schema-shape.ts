// What routing must know of a schema to tell which part of an operation it can answer: types, fields, arguments and enum
// values, read from SDL without resolving anything. Pure.
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  type TypeNode,
} from 'graphql';

export interface FieldShape {
  /** Name of its type without list and non-null. */
  readonly type: string;
  /** Depth of lists around it. */
  readonly lists: number;
  /** Name of the type of each argument. */
  readonly args: ReadonlyMap<string, string>;
}

export interface TypeShape {
  readonly kind: 'object' | 'abstract' | 'enum' | 'input' | 'scalar' | 'own scalar';
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** Of an enum. */
  readonly values: ReadonlySet<string>;
}

export type SchemaShape = ReadonlyMap<string, TypeShape>;

const SCALARS = ['ID', 'Int', 'Float', 'String', 'Boolean', '_Any'];

interface Draft {
  kind: TypeShape['kind'];
  readonly fields: Map<string, FieldShape>;
  readonly values: Set<string>;
}

/** Throws GraphQLError when the text is no SDL. What federation adds to every subgraph is added here too. */
export function shapeOfSchema(sdl: string | DocumentNode): SchemaShape {
  const { definitions } = typeof sdl === 'string' ? parse(sdl, { noLocation: true }) : sdl;
  const types = new Map<string, Draft>();
  for (const name of SCALARS) draft(types, name, 'scalar');
  draft(types, '_Entity', 'abstract');
  for (const definition of definitions) take(types, definition);
  const query = draft(types, 'Query', 'object').fields;
  query.set('_entities', { type: '_Entity', lists: 1, args: new Map([['representations', '_Any']]) });
  draft(types, '_Service', 'object').fields.set('sdl', { type: 'String', lists: 0, args: new Map() });
  query.set('_service', { type: '_Service', lists: 0, args: new Map() });
  return types;
}

function draft(types: Map<string, Draft>, name: string, kind: Draft['kind']): Draft {
  const known = types.get(name) ?? { kind, fields: new Map(), values: new Set() };
  types.set(name, known);
  return known;
}

function take(types: Map<string, Draft>, definition: DefinitionNode): void {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.OBJECT_TYPE_EXTENSION:
      takeFields(draft(types, definition.name.value, 'object'), definition.fields);
      return;
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_EXTENSION:
      takeFields(draft(types, definition.name.value, 'abstract'), definition.fields);
      return;
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_EXTENSION:
      takeFields(draft(types, definition.name.value, 'input'), definition.fields);
      return;
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.UNION_TYPE_EXTENSION:
      draft(types, definition.name.value, 'abstract');
      return;
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_EXTENSION: {
      const { values } = draft(types, definition.name.value, 'enum');
      for (const value of definition.values ?? []) values.add(value.name.value);
      return;
    }
    case Kind.SCALAR_TYPE_DEFINITION:
      draft(types, definition.name.value, 'own scalar');
  }
}

function takeFields(
  { fields }: Draft,
  given: readonly (FieldDefinitionNode | InputValueDefinitionNode)[] | undefined = [],
): void {
  for (const field of given) fields.set(field.name.value, shapeOf(field));
}

const shapeOf = (field: FieldDefinitionNode | InputValueDefinitionNode): FieldShape => ({
  type: namedTypeOf(field.type),
  lists: listsIn(field.type),
  args: new Map(
    ('arguments' in field ? (field.arguments ?? []) : []).map(arg => [arg.name.value, namedTypeOf(arg.type)]),
  ),
});

/** Its name without list and non-null. */
export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

function listsIn(type: TypeNode): number {
  if (type.kind === Kind.NAMED_TYPE) return 0;
  return listsIn(type.type) + (type.kind === Kind.LIST_TYPE ? 1 : 0);
}
