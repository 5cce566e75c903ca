// The alarm feed for one subscriber: a snapshot at a position, then the log after it; or the log after a cursor. No seam:
// the snapshot and its position come from one view of the database.
import type { DataSource } from 'typeorm';
import { type AlarmFilter, passes, passesRegion } from '../alarms/alarm-filter.ts';
import type { MirrorAlarm } from '../mirror/mirror-rows.ts';
import type { LeftRegion } from '../regions/region.ts';
import { type GroupOf, groupLookup, groupsToldOf } from '../regions/region-groups.ts';
import type { RegionWatch } from '../regions/region-watch.ts';
import type { FeedCursors } from './feed-cursor.ts';
import type { TakeSnapshot } from './feed-snapshot.ts';
import { feedHead, type LoggedEvent } from './feed-store.ts';
import type { FeedTail } from './feed-tail.ts';

export interface AlarmFeedEvent {
  readonly kind: string;
  readonly cursor: string;
  readonly at: string;
  /** Region id. */
  readonly region: string | null;
  readonly alarm: MirrorAlarm | null;
  /** Where the event says that its region left the graph. */
  readonly left?: LeftRegion | null | undefined;
  /** For LAGGED: how many events were left out. */
  readonly missed?: number;
}

export interface AlarmFeedDeps {
  readonly dataSource: DataSource;
  readonly tail: FeedTail;
  readonly takeSnapshot: TakeSnapshot;
  readonly cursors: FeedCursors;
  readonly watch: RegionWatch;
  /** A quiet feed says HEARTBEAT this often. */
  readonly heartbeatMs: number;
  now(): Date;
}

export interface FeedRequest {
  readonly filter: AlarmFilter;
  readonly after: string | null;
}

export async function* alarmFeed(deps: AlarmFeedDeps, { filter, after }: FeedRequest): AsyncGenerator<AlarmFeedEvent> {
  let position = after === null ? null : deps.cursors.parse(after);
  let isResumed = position !== null;
  if (position !== null && !(await isKept(deps, position))) {
    yield made(deps, 'LIST_REBUILT', position);
    position = null;
    isResumed = false;
  }
  for (;;) {
    if (position === null) {
      const snapshot = await deps.takeSnapshot(filter);
      position = snapshot.position;
      for await (const alarm of snapshot.alarms) yield made(deps, 'SNAPSHOT', position, alarm);
      yield made(deps, 'ALIGNED', position);
    }
    const lapped: Lapped = yield* changesAfter(deps, filter, position, isResumed);
    isResumed = false;
    yield { ...made(deps, 'LAGGED', lapped.position), missed: lapped.missed, region: onlyRegion(filter) };
    yield made(deps, 'LIST_REBUILT', lapped.position);
    position = null;
  }
}

/** A cursor from before the kept part of the log, or from a log that was since lost, has no suffix to give. */
async function isKept({ dataSource }: AlarmFeedDeps, position: bigint): Promise<boolean> {
  const head = await feedHead(dataSource);
  return position >= BigInt(head.oldest) && position <= BigInt(head.position);
}

/** Where a consumer stood when the log before it was removed, and how many events it did not get. */
interface Lapped {
  readonly position: bigint;
  readonly missed: number;
}

/** Changes for as long as the log has them without a gap. `saysCaughtUp`: a HEARTBEAT also when all there was has been told. */
async function* changesAfter(
  deps: AlarmFeedDeps,
  filter: AlarmFilter,
  after: bigint,
  saysCaughtUp: boolean,
): AsyncGenerator<AlarmFeedEvent, Lapped> {
  let position = after;
  let toldAt = deps.now().getTime();
  let isBehind = saysCaughtUp;
  for (;;) {
    const events = await deps.tail.read(position);
    const groupOf = await groupLookup(
      deps.dataSource,
      deps.watch,
      filter,
      events.map(event => event.region),
    );
    for (const event of events) {
      const next = BigInt(event.position);
      if (next !== position + 1n) return { position, missed: Number(next - position - 1n) };
      position = next;
      const told = toldAs(deps, filter, event, groupOf);
      if (!told) continue;
      yield told;
      toldAt = deps.now().getTime();
    }
    const patience = toldAt + deps.heartbeatMs - deps.now().getTime();
    if (patience <= 0 || (isBehind && events.length === 0)) {
      isBehind = false;
      // also while others are told what this feed filters out: quiet is what its subscriber hears
      yield made(deps, 'HEARTBEAT', position);
      toldAt = deps.now().getTime();
    } else if (events.length === 0) await deps.tail.wait(position, patience);
  }
}

/** Whose events a feed of one region missed; in any other the log no longer says. */
const onlyRegion = ({ regions }: AlarmFilter): string | null => (regions?.length === 1 ? regions[0]! : null);

/** An event that this process makes; it is not in the log. */
function made(
  { cursors, now }: AlarmFeedDeps,
  kind: string,
  position: bigint,
  alarm: MirrorAlarm | null = null,
): AlarmFeedEvent {
  return { kind, cursor: cursors.make(position), at: now().toISOString(), region: alarm?.region ?? null, alarm };
}

function toldAs(
  { cursors }: AlarmFeedDeps,
  filter: AlarmFilter,
  event: LoggedEvent,
  groupOf: GroupOf,
): AlarmFeedEvent | null {
  const { kind, at, region, left } = event;
  const alarm = event.alarm === null ? null : { ...event.alarm, region };
  const wanted =
    alarm === null
      ? groupsToldOf(left, groupOf).some(group => passesRegion(filter, region, group))
      : passes(filter, kind, alarm, groupOf);
  return wanted ? { kind, cursor: cursors.make(BigInt(event.position)), at, region, alarm, left } : null;
}
