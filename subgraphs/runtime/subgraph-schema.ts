// Builds a subgraph's schema from its SDL file and its resolvers, and refuses resolvers for fields that are not there:
// the library takes them silently.
import { createHash } from 'node:crypto';
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
  return schema;
}

/** Changes whenever the SDL does: how a region says which schema it runs. */
export const schemaHash = (name: Subgraph): string =>
  createHash('sha256').update(readSubgraph(name)).digest('hex').slice(0, 16);

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
