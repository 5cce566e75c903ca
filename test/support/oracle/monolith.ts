// What an operation answers when nothing is federated: graphql-js over the public schema, each field resolved where its
// subgraph would. No planner, no fetch and no merging take part, so its answers are right by the specification.
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  GraphQLSchema,
  isAbstractType,
  isObjectType,
  type GraphQLResolveInfo,
  parse,
} from 'graphql';
import type { OracleEngine } from './engines.ts';
import { implementersIn, type Identities, type Node, type Scope } from './synthetic-data.ts';

export interface MonolithParts {
  /** The public schema; its resolvers are set. */
  readonly api: GraphQLSchema;
  /** The subgraphs' own schemas with their resolvers. */
  readonly subgraphs: readonly GraphQLSchema[];
  readonly typeDefs: readonly DocumentNode[];
  readonly identities: Identities;
}

type Resolver = GraphQLFieldResolver<Node | undefined, Scope>;
type SourceField = GraphQLField<Node | undefined, Scope>;

export function monolithOf({ api, subgraphs, typeDefs, identities }: MonolithParts): OracleEngine {
  const implementers = new Map(typeDefs.flatMap(document => [...implementersIn(document)]));
  const objects = Object.values(api.getTypeMap()).filter(isObjectType);
  for (const type of objects.filter(({ name }) => !name.startsWith('__')))
    for (const field of Object.values(type.getFields())) field.resolve = resolverOf(api, subgraphs, type, field.name);
  for (const type of Object.values(api.getTypeMap()).filter(isAbstractType))
    type.resolveType = (node: Node) => {
      const possible = implementers.get(node.__typename); // an interface object does not know its type
      return possible ? identities.typeOf(node.identity!, possible) : node.__typename;
    };
  return {
    answer: async ({ document, variables }, scope) => {
      const result = await execute({ schema: api, document, variableValues: variables, contextValue: scope });
      return JSON.parse(JSON.stringify(result));
    },
    close: async () => {},
  };
}

function resolverOf(
  api: GraphQLSchema,
  subgraphs: readonly GraphQLSchema[],
  type: GraphQLObjectType,
  name: string,
): Resolver {
  const field = sourceOf(subgraphs, [type.name, ...type.getInterfaces().map(i => i.name)], name);
  const required = argumentOf(field, 'requires', 'fields');
  const resolveAs = (info: GraphQLResolveInfo): GraphQLResolveInfo => ({ ...info, returnType: field.type });
  if (required === undefined) return (source, args, scope, info) => field.resolve!(source, args, scope, resolveAs(info));
  const schema = new GraphQLSchema({ ...api.toConfig(), query: type });
  const document = parse(`{ ${required} }`);
  return async (source, args, scope, info) => {
    const { data }: ExecutionResult = await execute({ schema, document, rootValue: source, contextValue: scope });
    const representation = data ?? {};
    return field.resolve!({ ...source!, representation }, args, scope, resolveAs(info));
  };
}

/** The field in a subgraph that answers it: of the type itself, or of an interface object in its place. */
function sourceOf(subgraphs: readonly GraphQLSchema[], types: readonly string[], name: string): SourceField {
  for (const typeName of types)
    for (const schema of subgraphs) {
      const type = schema.getType(typeName);
      const field = isObjectType(type) ? (type.getFields()[name] as SourceField | undefined) : undefined;
      if (field && !isMarked(field, 'external') && field.resolve) return field;
    }
  throw new Error(`no subgraph resolves ${types[0]}.${name}`);
}

const directiveOf = ({ astNode }: SourceField, name: string) =>
  astNode?.directives?.find(directive => directive.name.value === name);

const isMarked = (field: SourceField, directive: string): boolean => directiveOf(field, directive) !== undefined;

function argumentOf(field: SourceField, directive: string, argument: string): string | undefined {
  const value = directiveOf(field, directive)?.arguments?.find(({ name }) => name.value === argument)?.value;
  return value?.kind === 'StringValue' ? value.value : undefined;
}
