// Loads the configurations and profiles of many hosts in one statement each.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { findConfigurations } from './configuration-store.ts';
import type { HostConfigurationRow } from './host-configuration.ts';
import type { HostProfileRow } from './host-profile.ts';
import { countHosts, findProfiles } from './profile-store.ts';

export interface ProfileLoaders {
  readonly configurationByHost: DataLoader<string, HostConfigurationRow | null>;
  readonly profileById: DataLoader<string, HostProfileRow | null>;
  readonly hostCountByProfile: DataLoader<string, number>;
}

export const profileLoaders = (dataSource: DataSource): ProfileLoaders => ({
  configurationByHost: new DataLoader(async hostIds => {
    const found = new Map((await findConfigurations(dataSource, hostIds)).map(row => [row.hostId, row]));
    return hostIds.map(id => found.get(id) ?? null);
  }),
  profileById: new DataLoader(async ids => {
    const found = new Map((await findProfiles(dataSource, ids)).map(row => [row.id, row]));
    return ids.map(id => found.get(id) ?? null);
  }),
  hostCountByProfile: new DataLoader(async ids => {
    const found = new Map((await countHosts(dataSource, ids)).map(({ profileId, n }) => [profileId, n]));
    return ids.map(id => found.get(id) ?? 0);
  }),
});
