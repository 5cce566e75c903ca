// GraphQL onto alignments.
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { FleetContext } from '../context.ts';
import type { RegionRow } from '../regions/region.ts';
import type { RealignRegionInput } from '../regions/region-service.ts';
import { type AlignmentRow, alignmentOf, totalOf } from './alignment.ts';
import type { AlignmentService } from './alignment-service.ts';

export function alignmentResolvers(alignments: AlignmentService): Resolvers {
  return {
    Mutation: {
      realignRegion: (_: unknown, { input }: { input: RealignRegionInput }) => alignments.realign(input),
    },
    Region: {
      alignment: async ({ id }: RegionRow, _: unknown, context: FleetContext) =>
        alignmentOf(await context.alignmentsByRegion.load(id)),
    },
    SourceAlignment: {
      subgraph: ({ source }: AlignmentRow) => source,
      differences: (row: AlignmentRow) => totalOf(row),
    },
  };
}
