// Holds values and operations against a subgraph's SDL, as its door would.
import {
  buildASTSchema,
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  Kind,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { readSubgraph, type Subgraph } from '../../../schema/sources.ts';

/** Without federation: its link, its directives and the queries it adds say nothing of what a door takes. */
export const readSdl = (name: Subgraph): GraphQLSchema => schemaOfSdl(readSubgraph(name));

export function schemaOfSdl(sdl: string): GraphQLSchema {
  const document = parse(sdl);
  const definitions = document.definitions.filter(({ kind }) => kind !== Kind.SCHEMA_EXTENSION);
  return buildASTSchema({ ...document, definitions }, { assumeValid: true });
}

/** What a door would refuse; empty when it takes the value. */
export function problemsOfInput(schema: GraphQLSchema, typeName: string, value: unknown): string[] {
  const type = schema.getType(typeName);
  if (!isInputType(type)) throw new Error(`${typeName} is no input type`);
  const problems: string[] = [];
  const travelled: unknown = JSON.parse(JSON.stringify(value));
  coerceInputValue(travelled, type, (path, _, error) => problems.push(`${path.join('.')}: ${error.message}`));
  return problems;
}

export const problemsOfQuery = (schema: GraphQLSchema, query: string): string[] =>
  validate(schema, parse(query), specifiedRules).map(error => error.message);
