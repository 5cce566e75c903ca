// Batches what one request asks of workloads: as many statements for one host as for a page of them.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { loadByPage, type Page } from '../../../runtime/connection.ts';
import { type BudgetState, findBudgetStates, listByHost, type WorkloadList } from './workload-store.ts';

export interface HostWorkloadsKey {
  /** Local id. */
  readonly hostId: string;
  readonly page: Page;
}

export interface WorkloadLoaders {
  readonly byHost: DataLoader<HostWorkloadsKey, WorkloadList, string>;
  readonly budget: DataLoader<string, BudgetState | null>;
}

export const workloadLoaders = (dataSource: DataSource): WorkloadLoaders => ({
  byHost: new DataLoader(
    keys =>
      loadByPage(keys, (alike, page) =>
        listByHost(
          dataSource,
          alike.map(key => key.hostId),
          page,
        ),
      ),
    { cacheKeyFn: key => JSON.stringify(key) },
  ),
  budget: new DataLoader(async groups => {
    const found = new Map((await findBudgetStates(dataSource, groups)).map(state => [state.group, state]));
    return groups.map(group => found.get(group) ?? null);
  }),
});
