// What one request to the inventory carries: loaders that live and die with it.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { loadByPage, type Page } from '../../runtime/connection.ts';
import { type EntriesPage, listEntries } from './bmc/bmc-log-store.ts';
import type { BmcStatusRow } from './bmc/bmc-status.ts';
import { findStatus } from './bmc/bmc-store.ts';
import { findConditions } from './conditions/condition-store.ts';
import type { ConditionRow } from './conditions/host-condition.ts';
import { type HardwareLoaders, hardwareLoaders } from './hardware/hardware-loaders.ts';
import type { ListedHost } from './hosts/host.ts';
import { findListed } from './hosts/host-store.ts';
import { type ActionAvailability, actionsOf } from './lifecycle/host-command.ts';
import type { HostJobRow } from './lifecycle/host-job.ts';
import { findOpenJobs, listJobs } from './lifecycle/host-job-store.ts';
import { type SurroundingsDeps, stateOf, surroundingsOf } from './lifecycle/surroundings.ts';
import { type ProfileLoaders, profileLoaders } from './profiles/profile-loaders.ts';
import { type WorkloadLoaders, workloadLoaders } from './workloads/workload-loaders.ts';

/** A page of something of a host. */
interface PageOfHost {
  /** Local host id. */
  readonly id: string;
  readonly page: Page;
}

export interface InventoryContext {
  readonly hostById: DataLoader<string, ListedHost | null>;
  /** Null while nothing is known. */
  readonly bmcByHost: DataLoader<string, BmcStatusRow | null>;
  readonly bmcLogByHost: DataLoader<PageOfHost, EntriesPage>;
  /** By local host id. */
  readonly conditionsByHost: DataLoader<string, readonly ConditionRow[]>;
  readonly actionsByHost: DataLoader<ListedHost, readonly ActionAvailability[]>;
  readonly jobsByHost: DataLoader<PageOfHost, { readonly found: readonly HostJobRow[]; readonly totalCount: number }>;
  readonly hardware: HardwareLoaders;
  readonly profiles: ProfileLoaders;
  readonly workloads: WorkloadLoaders;
}

export function inventoryContext(dataSource: DataSource, seams: SurroundingsDeps): InventoryContext {
  return {
    hostById: new DataLoader(async ids => {
      const found = new Map((await findListed(dataSource, ids)).map(host => [host.id, host]));
      return ids.map(id => found.get(id) ?? null);
    }),
    bmcByHost: new DataLoader(async ids => {
      const found = new Map((await findStatus(dataSource, ids)).map(status => [status.hostId, status]));
      return ids.map(id => found.get(id) ?? null);
    }),
    bmcLogByHost: new DataLoader(keys =>
      loadByPage(keys, (some, page) =>
        listEntries(
          dataSource,
          some.map(({ id }) => id),
          page,
        ),
      ),
    ),
    conditionsByHost: new DataLoader(async ids => {
      const found = await findConditions(dataSource, ids);
      return ids.map(id => found.filter(({ hostId }) => hostId === id));
    }),
    actionsByHost: new DataLoader(async hosts => {
      const around = await surroundingsOf(dataSource, hosts, seams);
      const ids = hosts.map(({ id }) => id);
      const jobs = new Map((await findOpenJobs(dataSource, ids)).map(job => [job.hostId, job]));
      return hosts.map(host => actionsOf(stateOf(host, jobs.get(host.id) ?? null), around.get(host.id)!));
    }),
    jobsByHost: new DataLoader(keys =>
      loadByPage(keys, (some, page) =>
        listJobs(
          dataSource,
          some.map(({ id }) => id),
          page,
        ),
      ),
    ),
    hardware: hardwareLoaders(dataSource),
    profiles: profileLoaders(dataSource),
    workloads: workloadLoaders(dataSource),
  };
}
