// GraphQL onto maintenance windows: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId } from '../../own-region.ts';
import type { EndMaintenanceInput, MaintenanceService, StartMaintenanceInput } from './maintenance-service.ts';
import { keyOfWindow, listWindows } from './maintenance-store.ts';
import { type MaintenanceWindowRow, stateOf } from './maintenance-window.ts';

export interface MaintenanceResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly maintenance: MaintenanceService;
}

type InRegion<I> = { readonly input: I & { readonly region: string } };
type ListArguments = PageArguments & { readonly includePast?: boolean | null };

export function maintenanceResolvers({ region, dataSource, maintenance }: MaintenanceResolverDeps): Resolvers {
  return {
    Mutation: {
      startMaintenance: (_: unknown, { input }: InRegion<StartMaintenanceInput>) =>
        isOwnRegion(region, input.region) && maintenance.start(input),
      endMaintenance: (_: unknown, { input: { id, ...input } }: { input: EndMaintenanceInput & { id: string } }) =>
        maintenance.end(localId(region, id), input),
    },
    Region: {
      maintenanceWindows: async (_: unknown, args: ListArguments) => {
        const page = pageOf(args, ['instant', 'uuid']);
        const list = await listWindows(dataSource, args.includePast ?? false, page);
        return connectionOf({ ...list, page, keyOf: keyOfWindow });
      },
    },
    MaintenanceWindow: {
      id: ({ id }: MaintenanceWindowRow) => makeId(region, id),
      state: stateOf,
    },
  };
}
