// The two schemas of a supergraph: the whole one, by which plans are read, and the public one, by which answers are written.
import { Supergraph } from '@apollo/federation-internals';
import type { GraphQLSchema } from 'graphql';
import { type PlannedNames, plannedNames } from './planned-names.ts';

export interface SupergraphSchemas {
  readonly supergraph: Supergraph;
  readonly whole: GraphQLSchema;
  /** What clients see. */
  readonly api: GraphQLSchema;
  readonly plannedNames: PlannedNames;
}

export function schemasOf(supergraphSdl: string): SupergraphSchemas {
  const supergraph = Supergraph.build(supergraphSdl);
  return {
    supergraph,
    whole: supergraph.schema.toGraphQLJSSchema(),
    api: supergraph.apiSchema().toGraphQLJSSchema(),
    plannedNames: plannedNames(supergraphSdl),
  };
}
