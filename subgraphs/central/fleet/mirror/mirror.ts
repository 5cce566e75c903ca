// Follows every region of the table, one connection each: starts with a region, ends with it, moves with its endpoint.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { EdgeSubgraph } from '../../../../schema/sources.ts';
import { follow, type Position } from '../../../runtime/change-follower.ts';
import { openContactLog } from '../contact/contact-log.ts';
import type { RegionRow } from '../regions/region.ts';
import { saveSchemas } from '../regions/region-store.ts';
import type { RegionTable, RegionWatch } from '../regions/region-watch.ts';
import { pruneFeed } from './feed-retention.ts';
import { findPositions } from './mirror-store.ts';
import { type MirrorWriter, mirrorWriter } from './mirror-writer.ts';
import { presenceChanges } from './presence.ts';
import { presenceWriter } from './presence-writer.ts';

export interface MirrorDeps {
  readonly dataSource: DataSource;
  readonly watch: RegionWatch;
  readonly headers: Readonly<Record<string, string>>;
  /** How much of the feed log is kept. */
  readonly retention: { readonly keepHours: number; readonly keepEvents: number };
  readonly log: Logger;
  now(): Date;
}

const SOURCES: readonly EdgeSubgraph[] = ['inventory', 'faults'];
const START: Position = { epoch: null, sequence: '0' };

interface Follower {
  /** All that the region had when the connection began has been copied. */
  aligned: boolean;
  /** What it follows: a region that left and joined again between two looks is another one, with nothing copied yet. */
  readonly joined: string;
  stop(): Promise<void>;
}

/** Answers how to stop. */
export function runMirror({ dataSource, watch, headers, retention, log, now }: MirrorDeps): () => Promise<void> {
  const contact = openContactLog(dataSource, log, now);
  const writer = mirrorWriter(dataSource, now);
  const followers = new Map<string, Follower>();
  const stopping = new Set<Promise<void>>();

  const end = (id: string, follower: Follower): void => {
    followers.delete(id);
    const ended = follower.stop().finally(() => stopping.delete(ended));
    stopping.add(ended);
  };
  const begin = ({ id: region, endpoint, addedAt }: RegionRow): void => {
    const abort = new AbortController();
    const following = follow({
      region,
      door: endpoint,
      headers,
      log,
      signal: abort.signal,
      ...applying(dataSource, writer, region),
      met: schemas => saveSchemas(dataSource, region, schemas),
      heard: () => contact.heard(region),
      aligned: () => {
        follower.aligned = true;
      },
      lost: reason => {
        follower.aligned = false;
        contact.lost(region, reason);
      },
    });
    const follower: Follower = {
      aligned: false,
      joined: joinedAs({ endpoint, addedAt }),
      stop: () => {
        abort.abort();
        return following;
      },
    };
    followers.set(region, follower);
  };
  const meet = (table: RegionTable): void => {
    for (const [id, follower] of followers) {
      const seen = table.get(id);
      if (!seen || joinedAs(seen.region) !== follower.joined) end(id, follower);
    }
    for (const { region } of table.values()) if (!followers.has(region.id)) begin(region);
  };

  const presence = presenceWriter({ dataSource, log, now });
  meet(watch.table());
  const stopWatching = watch.onLook(table => {
    meet(table);
    presence.tell(presenceChanges(table, region => followers.get(region)?.aligned === true));
  });
  const stopPruning = pruneFeed({ dataSource, log, now, ...retention });
  return async () => {
    stopWatching();
    await stopPruning();
    await presence.close();
    for (const [id, follower] of followers) end(id, follower);
    await Promise.all(stopping);
    await contact.close();
  };
}

const joinedAs = ({ endpoint, addedAt }: Pick<RegionRow, 'endpoint' | 'addedAt'>): string => `${addedAt} ${endpoint}`;

function applying(dataSource: DataSource, writer: MirrorWriter, region: string) {
  return {
    positions: async () => {
      const stored = new Map((await findPositions(dataSource, region)).map(p => [p.source, p]));
      return new Map(SOURCES.map(source => [source, stored.get(source) ?? START]));
    },
    restart: (source: EdgeSubgraph, head: Parameters<MirrorWriter['restart']>[2]) =>
      writer.restart(region, source, head),
    apply: (source: EdgeSubgraph, changes: Parameters<MirrorWriter['apply']>[0]['changes']) =>
      changes.length === 0 ? Promise.resolve() : writer.apply({ region, source, changes }),
  };
}
