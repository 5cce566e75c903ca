// Loads the hardware history of many hosts in one statement each for the pages and the counts.
import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import { loadByPage, type Page } from '../../../runtime/connection.ts';
import { findHardware } from '../hosts/host-store.ts';
import type { Hardware } from './hardware.ts';
import type { HardwareChangeRow } from './hardware-change.ts';
import { countChanges, listChanges } from './hardware-change-store.ts';

export interface HardwareChangesKey {
  readonly hostId: string;
  readonly page: Page;
}

export interface HardwareLoaders {
  /** Null for a host whose agent has not reported. */
  readonly hardwareByHost: DataLoader<string, Hardware | null>;
  /** One row more than the page when there are more. */
  readonly changesByHost: DataLoader<HardwareChangesKey, readonly HardwareChangeRow[], string>;
  readonly changeCountByHost: DataLoader<string, number>;
}

export const hardwareLoaders = (dataSource: DataSource): HardwareLoaders => ({
  hardwareByHost: new DataLoader(async hostIds => {
    const found = new Map((await findHardware(dataSource, hostIds)).map(({ id, hardware }) => [id, hardware]));
    return hostIds.map(id => found.get(id) ?? null);
  }),
  changesByHost: new DataLoader(
    keys =>
      loadByPage(keys, async (hosts, page) => {
        const ids = hosts.map(({ hostId }) => hostId);
        const found = await listChanges(dataSource, ids, page);
        return ids.map(id => found.filter(({ hostId }) => hostId === id));
      }),
    { cacheKeyFn: key => JSON.stringify(key) },
  ),
  changeCountByHost: new DataLoader(async hostIds => {
    const found = new Map((await countChanges(dataSource, hostIds)).map(({ hostId, n }) => [hostId, n]));
    return hostIds.map(id => found.get(id) ?? 0);
  }),
});
