// GraphQL onto mirrored hosts: fleet-wide lists, sums and changes. Never leaves the centre.
import type { DataSource } from 'typeorm';
import { badInput } from '../../../../schema/errors.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { oldestContact } from '../alarms/alarm-summary.ts';
import { contactOf } from '../contact/contact-state.ts';
import type { FleetContext } from '../context.ts';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';
import { hasLeft, type RegionRow } from '../regions/region.ts';
import { regionsInScope } from '../regions/region-scope.ts';
import { kindOf, NOTHING } from './capacity.ts';
import { type HostChangeEvent, type HostChangesDeps, hostChanges } from './host-changes.ts';
import type { HostFilter } from './host-filter.ts';
import { countHosts, keyOfHost, listHosts, sumCapacity } from './host-store.ts';

export interface HostResolverDeps extends Omit<HostChangesDeps, 'sql'> {
  readonly dataSource: DataSource;
  now(): Date;
}

export function hostResolvers({ dataSource, now, ...changes }: HostResolverDeps): Resolvers {
  const { watch } = changes;
  const ageOf = (filter: HostFilter): string | null =>
    oldestContact(regionsInScope(watch.table(), filter).map(region => region.contact));
  return {
    Query: {
      hosts: async (_: unknown, args: PageArguments & { filter?: HostFilter | null }) => {
        const page = pageOf(args, ['text', 'text', 'text']);
        const filter = checked(args.filter);
        return connectionOf({
          found: await listHosts(dataSource, filter, page),
          totalCount: () => countHosts(dataSource, filter),
          page,
          keyOf: keyOfHost,
          asOf: ageOf(filter),
        });
      },
      capacity: async (_: unknown, args: { filter?: HostFilter | null }) => {
        const filter = checked(args.filter);
        const [sum = NOTHING] = await sumCapacity(dataSource, filter, 'fleet');
        return { ...sum, asOf: ageOf(filter) };
      },
    },
    Subscription: {
      hostChanges: {
        subscribe: (_: unknown, { filter, after }: { filter?: HostFilter | null; after?: string | null }) => {
          if (after !== undefined && after !== null) changes.cursors.parse(after); // refuse before the first event
          return hostChanges({ ...changes, sql: dataSource }, checked(filter), after ?? null);
        },
        resolve: (change: HostChangeEvent) => change,
      },
    },
    HostChange: {
      region: ({ region, left }: HostChangeEvent, _: unknown, context: FleetContext) =>
        left ?? context.regionOf(region),
    },
    Region: {
      capacity: async (region: RegionRow, _: unknown, context: FleetContext) =>
        hasLeft(region)
          ? null
          : {
              ...((await context.capacityByRegion.load(region.id)) ?? NOTHING),
              asOf: contactOf(region, now()).lastContactAt,
            },
      kind: async (region: RegionRow, _: unknown, context: FleetContext) => {
        const found = hasLeft(region) ? null : await context.capacityByRegion.load(region.id);
        return found === null ? null : kindOf(found);
      },
    },
    Host: {
      region: (host: MirrorHostRow, _: unknown, context: FleetContext) => context.regionOf(host.region),
    },
  };
}

function checked(filter: HostFilter | null | undefined): HostFilter {
  const { freeHugePages, labels } = filter ?? {};
  if (freeHugePages && freeHugePages.atLeast < 1)
    throw badInput(`filter.freeHugePages.atLeast must be 1 or more; it is ${freeHugePages.atLeast}.`);
  if (labels && labels.length > 16) throw badInput(`filter.labels takes at most 16; there are ${labels.length}.`);
  return filter ?? {};
}
