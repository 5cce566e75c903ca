// Follows every region of the table, one connection each: starts with a region, ends with it, moves with its endpoint.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import type { EdgeSubgraph } from '../../../../schema/sources.ts';
import { follow, type Position } from '../../../runtime/change-follower.ts';
import type { OutboxHead } from '../../../runtime/outbox.ts';
import { isCheckDue } from '../alignment/alignment-schedule.ts';
import { openContactLog } from '../contact/contact-log.ts';
import { openCommittedLog } from '../feed/committed-log.ts';
import type { LoggedEvent } from '../feed/feed-store.ts';
import type { RegionRow } from '../regions/region.ts';
import { saveSchemas } from '../regions/region-store.ts';
import type { RegionTable, RegionWatch } from '../regions/region-watch.ts';
import { pruneFeed } from './feed-retention.ts';
import { findPositions } from './mirror-store.ts';
import { type MirrorWriter, mirrorWriter } from './mirror-writer.ts';
import { presenceChanges } from './presence.ts';
import { presenceWriter } from './presence-writer.ts';
import type { MirroredSource } from './snapshot-store.ts';
import { type SnapshotWriterDeps, snapshotSink } from './snapshot-writer.ts';

export interface MirrorDeps {
  readonly dataSource: DataSource;
  readonly watch: RegionWatch;
  /** Is handed what the mirror committed to the feed log, in order; may miss what others put there. */
  readonly told: (events: readonly LoggedEvent[]) => void;
  readonly headers: Readonly<Record<string, string>>;
  /** How much of the feed log is kept. */
  readonly retention: { readonly keepHours: number; readonly keepEvents: number };
  /** Each region is compared with its part of the mirror this often. */
  readonly realignEveryMs: number;
  readonly log: Logger;
  now(): Date;
}

const SOURCES: readonly MirroredSource[] = ['inventory', 'faults'];
const START: Position = { epoch: null, sequence: '0' };

interface Following {
  /** All that the region had when the connection began has been copied. */
  aligned: boolean;
  /** What it follows: a region that left and joined again between two looks is another one, with nothing copied yet. */
  readonly joined: string;
  /** The request for a comparison that it was last given. */
  requested: string | null;
  check(): void;
  stop(): Promise<void>;
}

/** Answers how to stop. */
export function runMirror({
  dataSource,
  watch,
  told,
  headers,
  retention,
  realignEveryMs,
  log,
  now,
}: MirrorDeps): () => Promise<void> {
  const contact = openContactLog(dataSource, log, now);
  const committed = openCommittedLog(dataSource, log, now);
  const writer = mirrorWriter(dataSource, told);
  const followers = new Map<string, Following>();
  const stopping = new Set<Promise<void>>();

  const end = (id: string, follower: Following): void => {
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
      ...applying({ dataSource, log, now }, writer, region),
      met: schemas => saveSchemas(dataSource, region, schemas),
      heard: ({ faults }) => {
        contact.heard(region);
        if (faults) committed.heard(region, faults.sequence);
      },
      aligned: () => {
        follower.aligned = true;
      },
      lost: reason => {
        follower.aligned = false;
        contact.lost(region, reason);
      },
    });
    const follower: Following = {
      aligned: false,
      requested: null,
      joined: joinedAs({ endpoint, addedAt }),
      check: following.check,
      stop: () => {
        abort.abort();
        return following.ended;
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

  let lookedAt = now().getTime();
  const checkDue = (table: RegionTable): void => {
    const at = now().getTime();
    for (const [id, follower] of followers) {
      const requested = table.get(id)?.region.realignRequestedAt ?? null;
      const isAsked = requested !== null && requested !== follower.requested;
      if (isAsked || isCheckDue(id, realignEveryMs, lookedAt, at)) follower.check();
      follower.requested = requested;
    }
    lookedAt = at;
  };

  const presence = presenceWriter({ dataSource, log, now });
  meet(watch.table());
  const stopWatching = watch.onLook(table => {
    meet(table);
    checkDue(table);
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
    await committed.close();
  };
}

const joinedAs = ({ endpoint, addedAt }: Pick<RegionRow, 'endpoint' | 'addedAt'>): string => `${addedAt} ${endpoint}`;

function applying(deps: SnapshotWriterDeps, writer: MirrorWriter, region: string) {
  return {
    positions: async () => {
      const stored = new Map((await findPositions(deps.dataSource, region)).map(p => [p.source, p]));
      return new Map(SOURCES.map(source => [source, stored.get(source) ?? START]));
    },
    snapshot: (source: EdgeSubgraph, from: Position, at: OutboxHead) =>
      snapshotSink(deps, source as MirroredSource, region, { from, at }), // no other is asked for
    apply: (source: EdgeSubgraph, changes: Parameters<MirrorWriter['apply']>[0]['changes']) =>
      changes.length === 0 ? Promise.resolve() : writer.apply({ region, source, changes }),
  };
}
