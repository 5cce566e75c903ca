// What an operation answers when nothing is federated: graphql-js over the public schema, each field resolved where its
// subgraph would. No planner, no fetch and no merging take part, so its answers are right by the specification.
import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLFormattedError,
  GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  responsePathAsArray,
} from 'graphql';
import type { Question } from './engines.ts';
import type { Answer } from './federation.ts';
import { type Identities, implementersIn, type Node, type Scope } from './synthetic-data.ts';

export interface MonolithParts {
  readonly publicSchema: () => GraphQLSchema;
  /** The subgraphs' own schemas with their resolvers. */
  readonly subgraphs: readonly GraphQLSchema[];
  readonly typeDefs: readonly DocumentNode[];
  readonly identities: Identities;
}

type Resolver = GraphQLFieldResolver<Node | undefined, Scope>;
type SourceField = GraphQLField<Node | undefined, Scope>;

export interface Monolith {
  /** By the specification. An error without a code has the one that gateways give it. */
  answer(question: Question, scope: Scope): Promise<Answer>;
  /** Every field that fails: also several below one object that is null for it, and those that only a @requires asks for. */
  failures(question: Question, scope: Scope): Promise<Answer['errors'] & object>;
}

export function monolithOf({ publicSchema, ...parts }: MonolithParts): Monolith {
  const strict = executor(
    publicSchema(),
    parts,
    type => type,
    () => {},
  );
  const required: GraphQLFormattedError[] = []; // of the execution that runs
  const lenient = executor(publicSchema(), parts, nullable, error => required.push(error));
  return {
    answer: strict,
    failures: async (question, scope) => {
      required.length = 0;
      const { errors = [] } = await lenient(question, scope);
      return [...errors, ...required.map(coded)];
    },
  };
}

export async function specified(monolith: Monolith, question: Question, scope: () => Scope) {
  const answer = await monolith.answer(question, scope());
  return { answer, failures: await monolith.failures(question, scope()) };
}

function executor(
  api: GraphQLSchema,
  { subgraphs, typeDefs, identities }: Omit<MonolithParts, 'publicSchema'>,
  typeFor: (type: GraphQLOutputType) => GraphQLOutputType,
  onRequired: (error: GraphQLFormattedError) => void,
): Monolith['answer'] {
  const implementers = new Map(typeDefs.flatMap(document => [...implementersIn(document)]));
  const objects = Object.values(api.getTypeMap()).filter(isObjectType);
  for (const type of objects.filter(({ name }) => !name.startsWith('__')))
    for (const field of Object.values(type.getFields())) {
      const resolve = resolverOf(api, subgraphs, type, field.name, onRequired);
      const asked = field.type;
      field.resolve = async (source, args, scope, info) => whole(asked, await resolve(source, args, scope, info));
      field.type = typeFor(asked);
    }
  for (const type of Object.values(api.getTypeMap()).filter(isInterfaceType))
    for (const field of Object.values(type.getFields())) field.type = typeFor(field.type);
  for (const type of Object.values(api.getTypeMap()).filter(isAbstractType))
    type.resolveType = (node: Node) => {
      const possible = implementers.get(node.__typename); // an interface object does not know its type
      return possible ? identities.typeOf(node.identity!, possible) : node.__typename;
    };
  return async ({ document, variables }, scope) => {
    const result = await execute({ schema: api, document, variableValues: variables, contextValue: scope });
    const { data, errors = [] }: Answer = JSON.parse(JSON.stringify(result));
    const told = errors.filter(({ message }) => !HIDDEN_VALUE.test(message));
    return { data: data ?? null, errors: told.map(coded) };
  };
}

const coded = (error: GraphQLFormattedError) =>
  error.extensions ? error : { ...error, extensions: { code: NO_CODE } };

const NO_CODE = 'DOWNSTREAM_SERVICE_ERROR';

/** A value of an enum that is @inaccessible: gateways make it null and tell no error. */
const HIDDEN_VALUE = /^Enum .* cannot represent value/;

/** A null where none may be is an error of that place, also where the schema was made lenient. */
function whole(type: GraphQLOutputType, value: unknown): unknown {
  if (isNonNullType(type)) {
    if (value === null || value === undefined) throw new GraphQLError('null where none may be');
    return whole(type.ofType, value);
  }
  if (!isListType(type) || !Array.isArray(value)) return value;
  return value.map(async (item: unknown) => whole(type.ofType, await item));
}

function nullable(type: GraphQLOutputType): GraphQLOutputType {
  if (isNonNullType(type)) return nullable(type.ofType);
  return isListType(type) ? new GraphQLList(nullable(type.ofType)) : type;
}

function resolverOf(
  api: GraphQLSchema,
  subgraphs: readonly GraphQLSchema[],
  type: GraphQLObjectType,
  name: string,
  onRequired: (error: GraphQLFormattedError) => void,
): Resolver {
  const field = sourceOf(subgraphs, [type.name, ...type.getInterfaces().map(i => i.name)], name);
  const required = argumentOf(field, 'requires', 'fields');
  const resolveAs = (info: GraphQLResolveInfo): GraphQLResolveInfo => ({ ...info, returnType: field.type });
  if (required === undefined)
    return (source, args, scope, info) => field.resolve!(source, args, scope, resolveAs(info));
  const schema = new GraphQLSchema({ ...api.toConfig(), query: type });
  const document = parse(`{ ${required} }`);
  return async (source, args, scope, info) => {
    const { data, errors = [] } = await execute({ schema, document, rootValue: source, contextValue: scope });
    const place = responsePathAsArray(info.path).slice(0, -1);
    for (const error of errors) onRequired({ ...error.toJSON(), path: [...place, ...error.path!] });
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
