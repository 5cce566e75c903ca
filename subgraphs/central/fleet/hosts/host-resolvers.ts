// GraphQL onto mirrored hosts: fleet-wide lists. Never leaves the centre.
import type { DataSource } from 'typeorm';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { oldestContact } from '../alarms/alarm-summary.ts';
import type { FleetContext } from '../context.ts';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';
import { regionsInScope } from '../regions/region-scope.ts';
import type { RegionWatch } from '../regions/region-watch.ts';
import { countHosts, type HostFilter, keyOfHost, listHosts } from './host-store.ts';

export function hostResolvers(dataSource: DataSource, watch: RegionWatch): Resolvers {
  return {
    Query: {
      hosts: async (_: unknown, args: PageArguments & { filter?: HostFilter | null }) => {
        const page = pageOf(args, ['text', 'text', 'text']);
        const filter = args.filter ?? {};
        const scope = regionsInScope(watch.table(), filter);
        return connectionOf({
          found: await listHosts(dataSource, filter, page),
          totalCount: () => countHosts(dataSource, filter),
          page,
          keyOf: keyOfHost,
          asOf: oldestContact(scope.map(region => region.contact)),
        });
      },
    },
    Host: {
      region: (host: MirrorHostRow, _: unknown, context: FleetContext) => context.regionOf(host.region),
    },
  };
}
