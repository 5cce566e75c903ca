// GraphQL onto the catalogue. Asks no region and no database.

import type { AlarmDefinition, Catalogue } from '../../../catalogue/catalogue.ts';
import { type AlarmCatalogueFilter, catalogued, listDefinitions } from '../../../catalogue/catalogue-list.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';

type ListArguments = PageArguments & { readonly filter?: AlarmCatalogueFilter | null };

const keyOf = ({ alarmId }: AlarmDefinition): readonly string[] => [alarmId];

export function catalogueResolvers(catalogue: Catalogue): Resolvers {
  return {
    Query: {
      alarmCatalogue: (_: unknown, args: ListArguments) => {
        const page = pageOf(args, ['text']);
        return connectionOf({ ...listDefinitions(catalogue, args.filter ?? {}, page), page, keyOf });
      },
    },
    Alarm: { catalogued: catalogued(catalogue) },
  };
}
