// Keeps the host directory equal to the inventory of the same region, over the region's own door.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import { follow } from '../../../runtime/change-follower.ts';
import type { SnapshotRow } from '../../../runtime/change-lines.ts';
import { beginAnew, copyHosts, positionOf } from './directory-store.ts';

export interface DirectoryFollowerDeps {
  readonly region: string;
  readonly door: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dataSource: DataSource;
  readonly log: Logger;
}

/** Answers how to stop. */
export function followInventory({
  region,
  door,
  headers,
  dataSource,
  log,
}: DirectoryFollowerDeps): () => Promise<void> {
  const stop = new AbortController();
  const following = follow({
    region,
    door,
    headers,
    log,
    signal: stop.signal,
    positions: async () => new Map([['inventory', await positionOf(dataSource)] as const]),
    snapshot: (_source, _from, at) => {
      const hosts: SnapshotRow[] = []; // a region's hosts are few: kept in memory until all are there
      return {
        page: async rows => void hosts.push(...rows),
        complete: () => dataSource.transaction(tx => beginAnew(tx, at, hosts)),
      };
    },
    apply: (_, changes) => dataSource.transaction(tx => copyHosts(tx, changes)),
    heard: () => {},
    lost: reason => log.info({ reason }, 'inventory changes not followed for now'),
  });
  return async () => {
    stop.abort();
    await following.ended;
  };
}
