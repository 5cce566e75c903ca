// Changes of mirrored hosts for one subscriber: from now on, or all after a cursor.
import { codedError } from '../../../../schema/errors.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { FeedCursors } from '../feed/feed-cursor.ts';
import type { LogTail } from '../feed/log-tail.ts';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';
import type { LeftRegion } from '../regions/region.ts';
import { groupLookup, groupsToldOf } from '../regions/region-groups.ts';
import type { RegionWatch } from '../regions/region-watch.ts';
import type { HostChangeKind } from './host-change.ts';
import { type HostFilter, passesChange } from './host-filter.ts';
import { hostLogHead, type LoggedHostChange } from './host-log-store.ts';

export interface HostChangesDeps {
  readonly sql: Sql;
  readonly tail: LogTail<LoggedHostChange>;
  readonly cursors: FeedCursors;
  readonly watch: RegionWatch;
}

/** The `HostChange` of the SDL. */
export interface HostChangeEvent {
  readonly kind: HostChangeKind;
  readonly cursor: string;
  readonly at: string;
  /** Region id. */
  readonly region: string;
  /** Global id. */
  readonly hostId: string;
  readonly host: MirrorHostRow | null;
  readonly changed: readonly string[];
  /** Where the host left with its region. */
  readonly left: LeftRegion | null;
}

const PATIENCE_MS = 60_000; // how long one look at the log waits: nothing hangs on it

export async function* hostChanges(
  { sql, tail, cursors, watch }: HostChangesDeps,
  filter: HostFilter,
  after: string | null,
): AsyncGenerator<HostChangeEvent> {
  const head = await hostLogHead(sql);
  let position = after === null ? BigInt(head.position) : cursors.parse(after);
  if (position < BigInt(head.oldest) || position > BigInt(head.position)) throw expired();
  for (;;) {
    const changes = await tail.read(position);
    const groupOf = await groupLookup(
      sql,
      watch,
      filter,
      changes.map(change => change.region),
    );
    for (const change of changes) {
      const next = BigInt(change.position);
      if (next !== position + 1n) throw expired();
      position = next;
      const { kind, at, region, host, before, left } = change;
      if (!groupsToldOf(left, groupOf).some(group => passesChange(filter, change, group))) continue;
      const isThere = kind !== 'REMOVED';
      const told = { kind, at, region, hostId: host.id, changed: Object.keys(before), left };
      yield { ...told, cursor: cursors.make(position), host: isThere ? host : null };
    }
    if (changes.length === 0) await tail.wait(position, PATIENCE_MS);
  }
}

const expired = (): Error =>
  codedError(
    'CURSOR_EXPIRED',
    'The changes after this cursor are no longer kept: subscribe without `after`, then read `hosts` again.',
  );
