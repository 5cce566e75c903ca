// Whether the catalogue knows an alarm. Looked up, not stored: an update of the product may bring its definition.

import type { Catalogue } from '../../../catalogue/catalogue.ts';
import { catalogued } from '../../../catalogue/catalogue-list.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';

export const catalogueResolvers = (catalogue: Catalogue): Resolvers => ({
  Alarm: { catalogued: catalogued(catalogue) },
});
