// GraphQL onto host profiles and hosts' configurations.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId, localUuid } from '../../own-region.ts';
import type { InventoryContext } from '../context.ts';
import type { ListedHost } from '../hosts/host.ts';
import type { AgentTaskRow } from '../lifecycle/agent-task.ts';
import { diffConfiguration } from './configuration-diff.ts';
import type { ApplyProfileInput, ConfigurationService } from './configuration-service.ts';
import type { HostConfigurationRow } from './host-configuration.ts';
import type { HostProfileRow } from './host-profile.ts';
import { NOTHING } from './nodal-configuration.ts';
import type { ProfileDeletion, ProfileInput, ProfileService, ProfileUpdate } from './profile-service.ts';
import { countProfiles, listProfiles } from './profile-store.ts';

export interface ProfileResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly profiles: ProfileService;
  readonly configurations: ConfigurationService;
}

interface Of<T> {
  readonly input: T;
}

export function profileResolvers({ region, dataSource, profiles, configurations }: ProfileResolverDeps): Resolvers {
  return {
    Query: {
      hostProfile: (_: unknown, { id }: { id: string }, context: InventoryContext) => {
        const local = localUuid(region, id);
        return local === null ? null : context.profiles.profileById.load(local);
      },
    },
    Mutation: {
      createHostProfile: (_: unknown, { input }: Of<ProfileInput & { region: string }>) => {
        const { region: named, ...said } = input;
        isOwnRegion(region, named);
        return profiles.create(said);
      },
      updateHostProfile: (_: unknown, { input }: Of<ProfileUpdate>) =>
        profiles.update({ ...input, id: localId(region, input.id) }),
      deleteHostProfile: (_: unknown, { input }: Of<ProfileDeletion>) =>
        profiles.delete({ ...input, id: localId(region, input.id) }),
      applyHostProfile: (_: unknown, { input }: Of<ApplyProfileInput & { dryRun?: boolean | null }>) =>
        configurations.applyProfile({
          ...input,
          id: localId(region, input.id),
          profile: localId(region, input.profile),
          dryRun: input.dryRun === true,
        }),
    },
    Region: {
      hostProfiles: async (_: unknown, args: PageArguments) => {
        const page = pageOf(args, ['text', 'uuid']);
        const found = await listProfiles(dataSource, page);
        return connectionOf({
          found,
          page,
          totalCount: () => countProfiles(dataSource),
          keyOf: ({ name, id }) => [name, id],
        });
      },
    },
    HostProfile: {
      id: ({ id }: HostProfileRow) => makeId(region, id),
      hostCount: ({ id }: HostProfileRow, _: unknown, context: InventoryContext) =>
        context.profiles.hostCountByProfile.load(id),
    },
    Host: {
      profile: async ({ id }: ListedHost, _: unknown, { profiles: load }: InventoryContext) => {
        const known = await load.configurationByHost.load(id);
        return known && load.profileById.load(known.profileId);
      },
      configuration: ({ id }: ListedHost, _: unknown, { profiles: load }: InventoryContext) =>
        load.configurationByHost.load(id),
    },
    AgentTask: {
      configuration: async ({ kind, hostId }: AgentTaskRow, _: unknown, { profiles: load }: InventoryContext) =>
        kind === 'APPLY_CONFIGURATION' ? ((await load.configurationByHost.load(hostId))?.pending ?? null) : null,
    },
    HostConfiguration: {
      configurationStatus: ({ pending }: HostConfigurationRow) => (pending === null ? 'UP_TO_DATE' : 'OUT_OF_DATE'),
      diff: async ({ hostId, pending, applied }: HostConfigurationRow, _: unknown, { hardware }: InventoryContext) =>
        pending === null
          ? []
          : diffConfiguration(applied ?? NOTHING, pending, await hardware.hardwareByHost.load(hostId)),
    },
  };
}
