// GraphQL onto regions: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { badInput } from '../../../../schema/errors.ts';
import { isRegionId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { summarize } from '../alarms/alarm-summary.ts';
import { contactChanges } from '../contact/contact-changes.ts';
import { contactOf, type RegionContactState } from '../contact/contact-state.ts';
import type { FleetContext } from '../context.ts';
import { hasLeft, type RegionRow } from './region.ts';
import type { AddRegionInput, RegionService, UpdateRegionInput } from './region-service.ts';
import { keyOfRegion, listRegions, type RegionFilter } from './region-store.ts';
import type { RegionTable, RegionWatch } from './region-watch.ts';

export interface RegionResolverDeps {
  readonly dataSource: DataSource;
  readonly regions: RegionService;
  readonly watch: RegionWatch;
  now(): Date;
}

type Filter = RegionFilter & { readonly contact?: readonly RegionContactState[] | null };
type IdInput = { readonly input: { readonly id: string; readonly idempotencyKey?: string | null } };

export function regionResolvers({ dataSource, regions, watch, now }: RegionResolverDeps): Resolvers {
  const load = (id: string, context: FleetContext) => {
    if (!isRegionId(id))
      throw badInput(`${JSON.stringify(id)} is no region id: lower-case letters, digits and dashes, at most 63.`);
    return context.regionById.load(id);
  };
  return {
    Query: {
      region: (_: unknown, { id }: { id: string }, context: FleetContext) => load(id, context),
      regions: async (_: unknown, args: PageArguments & { filter?: Filter | null }) => {
        const page = pageOf(args, ['text']);
        const filter = withContact(args.filter ?? {}, watch.table());
        return connectionOf({ ...(await listRegions(dataSource, filter, page)), page, keyOf: keyOfRegion });
      },
    },
    Mutation: {
      addRegion: (_: unknown, { input }: { input: AddRegionInput }) => regions.add(input),
      updateRegion: (_: unknown, { input }: { input: UpdateRegionInput }) => regions.update(input),
      manageRegion: (_: unknown, { input }: IdInput) => regions.setManagement('manageRegion', input, 'MANAGED'),
      unmanageRegion: (_: unknown, { input }: IdInput) => regions.setManagement('unmanageRegion', input, 'UNMANAGED'),
      removeRegion: async (_: unknown, { input }: IdInput) => {
        const { region, userErrors } = await regions.remove(input);
        return { id: region?.id ?? null, userErrors };
      },
    },
    Subscription: {
      regionContact: { subscribe: () => contactChanges(watch), resolve: (change: unknown) => change },
    },
    Region: {
      __resolveReference: ({ id }: { id: string }, context: FleetContext) => load(id, context),
      group: ({ groupName }: RegionRow) => (groupName === null ? null : { name: groupName }),
      contact: (region: RegionRow) => contactOf(region, now()),
      // nobody counts for a region that has left: nothing would look like none
      alarmSummary: async (region: RegionRow, _: unknown, context: FleetContext) =>
        hasLeft(region)
          ? null
          : summarize(
              [{ id: region.id, contact: contactOf(region, now()) }],
              await context.alarmCounts.load(region.id),
            ),
    },
  };
}

/** Contact is judged, not stored: it narrows the filter by ids. */
function withContact({ contact, ...filter }: Filter, table: RegionTable): RegionFilter {
  if (!contact) return filter;
  const ids = [...table.values()].filter(seen => contact.includes(seen.contact.state)).map(seen => seen.region.id);
  return { ...filter, ids: filter.ids ? ids.filter(id => filter.ids?.includes(id)) : ids };
}
