// Data for any subgraph without a line of data: every value follows from the identity of the entity that it belongs to,
// its field and its arguments. So all subgraphs agree, whoever is asked, and however often; and a gateway that confuses two
// entities, loses an argument or passes on a wrong @requires gives another answer.
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { hashOf, sortedJson } from './random.ts';

export type Fault = 'null' | 'error';

/** What one execution carries along. */
export interface Scope {
  /** Tells what goes wrong at a place; the same for every subgraph that may be asked for it. */
  readonly faultAt: (place: string) => Fault | null;
  /** Mutations so far: their answers tell their order. */
  mutations: number;
}

/** How entities are told apart. An identity is the same in all subgraphs and for all keys. */
export interface Identities {
  /** Of an entity that a field gives; `owner` is the identity of the entity that the field belongs to. */
  choose(type: string, seed: string, owner: string | null): string;
  keyValue(identity: string, keyField: string): string;
  /** Null for an entity that no subgraph knows. */
  identify(representation: Readonly<Record<string, unknown>>): string | null;
  /** The concrete type of an entity, where an interface is its type. */
  typeOf(identity: string, possible: readonly string[]): string;
}

/** A value on its way through one subgraph. */
export interface Node {
  readonly __typename: string;
  /** Of the nearest entity at or above it. */
  readonly identity: string | null;
  /** All that its values follow from. */
  readonly seed: string;
  readonly representation?: Readonly<Record<string, unknown>>;
}

export function syntheticResolvers(typeDefs: DocumentNode, identities: Identities, subgraph: string) {
  const resolvers: Record<string, Record<string, unknown>> = {};
  const facts = factsOf(typeDefs);
  const isEntity = (type: string): boolean => facts.keys.has(type);
  /** Async, so that an entity fails alone and not with its whole list. */
  const resolveReference = async (representation: Record<string, unknown>, scope: Scope): Promise<Node | null> => {
    const identity = identities.identify(representation);
    if (identity === null) return null;
    const fault = scope.faultAt(`${subgraph}:${identity}`);
    if (fault === 'error') throw injected(`entity of ${subgraph}`);
    if (fault === 'null') return null;
    const named = representation['__typename'] as string;
    const possible = facts.implementers.get(named);
    const type = possible ? identities.typeOf(identity, possible) : named;
    return { __typename: type, identity, seed: `#${identity}`, representation };
  };
  const resolveField =
    (type: string, field: string) =>
    (source: Node | undefined, args: object, scope: Scope, info: GraphQLResolveInfo): unknown => {
      const node = source ?? rootNode(type, scope);
      if (node.identity !== null && facts.keys.get(type)?.has(field) && isScalarType(bare(info.returnType)))
        return identities.keyValue(node.identity, field);
      const required = facts.requires.get(`${type}.${field}`);
      const inputs = required ? JSON.stringify(picked(required, node.representation ?? {})) : '';
      const seed = `${node.seed}.${field}(${sortedJson(args)})${inputs}`;
      return valueFor(info.returnType, seed, node, scope);
    };

  const valueFor = (type: GraphQLOutputType, seed: string, owner: Node, scope: Scope): unknown => {
    const fault = scope.faultAt(seed);
    if (fault === 'error') throw injected(seed);
    if (isNonNullType(type)) return valueFor(type.ofType, `${seed}!`, owner, scope);
    if (fault === 'null') return null;
    const hash = hashOf(seed);
    if (isListType(type))
      return Array.from({ length: hash % 4 }, (_, i) =>
        inList(() => valueFor(type.ofType, `${seed}[${i}]`, owner, scope)),
      );
    if (isScalarType(type)) return scalarOf(type.name, hash);
    if (isEnumType(type)) return type.getValues()[hash % type.getValues().length]!.value;
    const possible = isObjectType(type) ? [type.name] : facts.possible.get(type.name)!;
    const shared = facts.implementers.get(type.name);
    if (shared && isEntity(type.name)) {
      const identity = identities.choose(type.name, seed, owner.identity);
      return { __typename: identities.typeOf(identity, shared), identity, seed: `#${identity}` } satisfies Node;
    }
    const typename = possible[hash % possible.length]!;
    if (!isEntity(typename)) return { __typename: typename, identity: owner.identity, seed } satisfies Node;
    const identity = identities.choose(typename, seed, owner.identity);
    return { __typename: typename, identity, seed: `#${identity}` } satisfies Node;
  };

  for (const definition of facts.objects) {
    const type = definition.name.value;
    resolvers[type] ??= isEntity(type) ? { __resolveReference: resolveReference } : {};
    for (const { name } of definition.fields ?? []) resolvers[type][name.value] = resolveField(type, name.value);
  }
  for (const type of facts.possible.keys()) {
    const __resolveType = ({ __typename }: Node): string => __typename;
    resolvers[type] = isEntity(type) ? { __resolveType, __resolveReference: resolveReference } : { __resolveType };
  }
  return resolvers as unknown as GraphQLResolverMap<unknown>;
}

const injected = (place: string): GraphQLError =>
  new GraphQLError(`injected at ${place}`, { extensions: { code: 'INJECTED' } });

/** An item of a list fails alone, as one whose promise is refused does. */
async function inList(item: () => unknown): Promise<unknown> {
  return item();
}

function rootNode(type: string, scope: Scope): Node {
  const order = type === 'Mutation' ? `/${++scope.mutations}` : '';
  return { __typename: type, identity: null, seed: `${type}${order}` };
}

const bare = (type: GraphQLOutputType): GraphQLOutputType => (isNonNullType(type) ? bare(type.ofType) : type);

function scalarOf(name: string, hash: number): unknown {
  if (name === 'Int') return hash % 1_000;
  if (name === 'Float') return (hash % 1_000) / 8;
  if (name === 'Boolean') return hash % 2 === 0;
  return `${name.toLowerCase()} "${hash.toString(36)}" ü`; // with what JSON has to escape, and what UTF-8 has to keep
}

/** The part of a representation that a @requires names, in its order. */
function picked({ selections }: SelectionSetNode, from: Readonly<Record<string, unknown>>): unknown[] {
  return selections.map(selection => {
    if (selection.kind !== Kind.FIELD) return 'fragment';
    const value = from[selection.name.value];
    if (!selection.selectionSet || typeof value !== 'object' || value === null) return value ?? null;
    const { selectionSet } = selection;
    return Array.isArray(value)
      ? value.map(item => (item === null ? null : picked(selectionSet, item)))
      : picked(selectionSet, value as Record<string, unknown>);
  });
}

type ObjectDefinition = ObjectTypeDefinitionNode | ObjectTypeExtensionNode;

interface Facts {
  readonly objects: readonly ObjectDefinition[];
  /** Fields of all keys, by type. */
  readonly keys: ReadonlyMap<string, ReadonlySet<string>>;
  readonly requires: ReadonlyMap<string, SelectionSetNode>;
  /** Members of unions and implementers of interfaces. */
  readonly possible: ReadonlyMap<string, readonly string[]>;
  /** Of interfaces only. */
  readonly implementers: ReadonlyMap<string, readonly string[]>;
}

/** The object types of each interface, in the order in which they are written. */
export const implementersIn = (typeDefs: DocumentNode): Facts['implementers'] => factsOf(typeDefs).implementers;

function factsOf({ definitions }: DocumentNode): Facts {
  const objects = definitions.filter(
    (d): d is ObjectDefinition => d.kind === Kind.OBJECT_TYPE_DEFINITION || d.kind === Kind.OBJECT_TYPE_EXTENSION,
  );
  const interfaces = definitions.filter(d => d.kind === Kind.INTERFACE_TYPE_DEFINITION);
  const implementers = new Map(
    interfaces.map(({ name }) => [
      name.value,
      objects.filter(o => o.interfaces?.some(i => i.name.value === name.value)).map(o => o.name.value),
    ]),
  );
  const unions = definitions.filter(d => d.kind === Kind.UNION_TYPE_DEFINITION);
  const members = unions.map(({ name, types }) => [name.value, (types ?? []).map(t => t.name.value)] as const);
  return {
    objects,
    implementers,
    possible: new Map([...implementers, ...members]),
    keys: new Map(
      [...objects, ...interfaces].flatMap(({ name, directives }) => {
        const keys = (directives ?? []).filter(d => d.name.value === 'key').map(fieldsOf);
        const fields = keys.flatMap(({ selections }) =>
          selections.flatMap(s => (s.kind === Kind.FIELD ? s.name.value : [])),
        );
        return keys.length > 0 ? [[name.value, new Set(fields)] as const] : [];
      }),
    ),
    requires: new Map(
      objects.flatMap(({ name, fields }) =>
        (fields ?? []).flatMap(field => {
          const directive = field.directives?.find(d => d.name.value === 'requires');
          return directive ? [[`${name.value}.${field.name.value}`, fieldsOf(directive)] as const] : [];
        }),
      ),
    ),
  };
}

function fieldsOf({ arguments: given }: NonNullable<ObjectDefinition['directives']>[number]): SelectionSetNode {
  const fields = given?.find(({ name }) => name.value === 'fields')?.value;
  const text = fields?.kind === Kind.STRING ? fields.value : '';
  const [operation] = parse(`{ ${text} }`).definitions;
  return (operation as { readonly selectionSet: SelectionSetNode }).selectionSet;
}
