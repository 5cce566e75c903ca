// Builds a subgraph's schema from its SDL file and its resolvers, and refuses resolvers for fields that are not there:
// the library takes them silently.
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { type GraphQLSchema, isObjectType, parse } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { readSubgraph, type Subgraph } from '../../schema/sources.ts';

// biome-ignore lint/suspicious/noExplicitAny: a resolver map holds resolvers of every shape
export type Resolvers = Record<string, Record<string, any>>;

export function subgraphSchema(name: Subgraph, parts: readonly Resolvers[]): GraphQLSchema {
  const resolvers = mergeResolvers(parts);
  const schema = buildSubgraphSchema({
    typeDefs: parse(readSubgraph(name)),
    resolvers: { ...resolvers, DateTime: GraphQLDateTimeISO } as unknown as GraphQLResolverMap<unknown>,
  });
  refuseStrays(name, schema, resolvers);
  tellSdlAsWritten(schema, readSubgraph(name));
  return schema;
}

/** The library prints what it has read; the text itself is what the hash that a region reports is of. */
function tellSdlAsWritten(schema: GraphQLSchema, sdl: string): void {
  schema.getQueryType()!.getFields()['_service']!.resolve = () => ({ sdl });
}

function mergeResolvers(parts: readonly Resolvers[]): Resolvers {
  const merged: Resolvers = {};
  for (const part of parts)
    for (const [type, fields] of Object.entries(part)) merged[type] = { ...merged[type], ...fields };
  return merged;
}

function refuseStrays(name: Subgraph, schema: GraphQLSchema, resolvers: Resolvers): void {
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName);
    const known = isObjectType(type) ? type.getFields() : {};
    const stray = Object.keys(fields).find(field => !field.startsWith('__') && !(field in known));
    if (stray !== undefined) throw new Error(`resolver ${typeName}.${stray} is not in schema/${name}.graphql`);
  }
}
