// Keeps the copy of the region's inventory equal to it, over the region's own door.
import type { Logger } from '../../../../runtime/log.ts';
import { follow } from '../../../runtime/change-follower.ts';
import type { SnapshotRow } from '../../../runtime/change-lines.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { InventoryCopy } from './inventory-copy.ts';

export interface DirectoryFollowerDeps {
  readonly region: string;
  readonly door: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly copy: InventoryCopy;
  readonly log: Logger;
}

const AUDIT_MS = 10_000; // how long an alarm that somebody cleared stays cleared while its condition holds

/** Answers how to stop. */
export function followInventory({ region, door, headers, copy, log }: DirectoryFollowerDeps): () => Promise<void> {
  const stop = new AbortController();
  const following = follow({
    region,
    door,
    headers,
    log,
    signal: stop.signal,
    positions: async () => new Map([['inventory', await copy.position()] as const]),
    snapshot: (_source, _from, at) => {
      const hosts: SnapshotRow[] = []; // a region's hosts are few: kept in memory until all are there
      return {
        page: async rows => void hosts.push(...rows),
        complete: () => copy.beginAnew(at, hosts),
      };
    },
    apply: (_, changes) => copy.apply(changes),
    heard: () => {},
    lost: reason => log.info({ reason }, 'inventory changes not followed for now'),
  });
  const audits = repeating({
    everyMs: AUDIT_MS,
    log,
    failed: 'conditions not compared with alarms; tried again soon',
    work: async () => {
      const hosts = await copy.audit();
      if (hosts > 0) log.info({ hosts }, 'alarms raised anew: they were cleared while their conditions held');
    },
  });
  return async () => {
    stop.abort();
    await audits.stop();
    await following.ended;
  };
}
