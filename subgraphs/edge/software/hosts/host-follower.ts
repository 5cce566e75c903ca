// Forgets what removed hosts ran: follows the inventory of the same region, over the region's own door.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import { follow } from '../../../runtime/change-follower.ts';
import type { Outbox, OutboxTransaction } from '../../../runtime/outbox.ts';
import { findOthers, forgetHosts, placePosition, positionOf } from './host-store.ts';

export interface HostFollowerDeps {
  readonly region: string;
  readonly door: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dataSource: DataSource;
  readonly outbox: Outbox;
  readonly log: Logger;
  now(): Date;
}

/** Answers how to stop. */
export function followRemovals({
  region,
  door,
  headers,
  dataSource,
  outbox,
  log,
  now,
}: HostFollowerDeps): () => Promise<void> {
  const stop = new AbortController();
  const forget = async (tx: OutboxTransaction, hostIds: readonly string[]): Promise<void> => {
    for (const hostId of await forgetHosts(tx.sql, hostIds))
      tx.append('HOST_SOFTWARE_REMOVED', hostId, () => ({ hostId }));
  };
  const following = follow({
    region,
    door,
    headers,
    log,
    signal: stop.signal,
    positions: async () => new Map([['inventory', await positionOf(dataSource)] as const]),
    snapshot: (_source, _from, at) => {
      const begun = now().toISOString(); // what is reported from here on may be of a host that the snapshot does not have yet
      const hosts: string[] = [];
      return {
        page: async rows => void hosts.push(...rows.map(({ entityId }) => entityId)),
        complete: () =>
          outbox.transaction(async tx => {
            await forget(tx, await findOthers(tx.sql, hosts, begun));
            await placePosition(tx.sql, at);
          }),
      };
    },
    apply: (_, changes) =>
      outbox.transaction(async tx => {
        const removed = changes.filter(({ kind }) => kind === 'HOST_REMOVED').map(({ entityId }) => entityId);
        if (removed.length > 0) await forget(tx, removed);
        await placePosition(tx.sql, { epoch: null, sequence: changes.at(-1)!.sequence });
      }),
    heard: () => {},
    lost: reason => log.info({ reason }, 'inventory changes not followed for now'),
  });
  return async () => {
    stop.abort();
    await following.ended;
  };
}
