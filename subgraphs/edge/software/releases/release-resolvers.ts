// GraphQL onto releases: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId, parseId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId } from '../../own-region.ts';
import type { SoftwareContext } from '../context.ts';
import type { ReleaseRow } from './release.ts';
import type { ReleaseService } from './release-service.ts';
import { listReleases, type ReportedSoftware } from './release-store.ts';

export interface ReleaseResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly releases: ReleaseService;
}

export function releaseResolvers({ region, dataSource, releases }: ReleaseResolverDeps): Resolvers {
  return {
    Mutation: {
      reportHostSoftware: (_: unknown, { input }: { input: { hosts: readonly ReportedSoftware[] } }) =>
        releases.report(input.hosts.map(host => ({ ...host, id: localId(region, host.id) }))),
    },
    Region: {
      __resolveReference: ({ id }: { id: string }) => (isOwnRegion(region, id) ? { id } : null),
      releases: async (_: unknown, args: PageArguments) => {
        const page = pageOf(args, ['text']);
        return connectionOf({ ...(await listReleases(dataSource, page)), page, keyOf: release => [release.id] });
      },
    },
    Host: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      software: ({ id }: { id: string }, _: unknown, context: SoftwareContext) =>
        context.softwareByHost.load(localId(region, id)),
    },
    Release: {
      __resolveReference: ({ id }: { id: string }, context: SoftwareContext) => {
        const parsed = parseId(id);
        return parsed && isOwnRegion(region, parsed.region) ? context.releaseById.load(parsed.local) : null;
      },
      id: (release: ReleaseRow) => makeId(region, release.id),
      releaseId: (release: ReleaseRow) => release.id,
      state: (release: ReleaseRow) => (release.hostCount > 0 ? 'DEPLOYED' : 'AVAILABLE'),
    },
  };
}
