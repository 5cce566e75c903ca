// What one request to the software subgraph carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { HostSoftwareRow, ReleaseRow } from './releases/release.ts';
import { findByHosts, findReleases } from './releases/release-store.ts';

export interface SoftwareContext {
  /** By local host id. */
  readonly softwareByHost: DataLoader<string, HostSoftwareRow | null>;
  readonly releaseById: DataLoader<string, ReleaseRow | null>;
}

export function softwareContext(dataSource: DataSource): SoftwareContext {
  return {
    softwareByHost: new DataLoader(async ids => {
      const found = new Map((await findByHosts(dataSource, ids)).map(row => [row.hostId, row]));
      return ids.map(id => found.get(id) ?? null);
    }),
    releaseById: new DataLoader(async ids => {
      const found = new Map((await findReleases(dataSource, ids)).map(row => [row.id, row]));
      return ids.map(id => found.get(id) ?? null);
    }),
  };
}
