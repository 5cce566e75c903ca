// One stream of a feed for all who ask for the same. It keeps its most recent events, so that whoever comes near from a
// stream of its own goes over without a seam, and hands each new one to those who are at its end. It waits for nobody.
import { setImmediate } from 'node:timers/promises';
import type { SubscriptionEvent } from '../execution/engine.ts';
import { sizeOf, type ToldEvent, toldEvent } from './told-event.ts';

export interface LiveStream {
  /** Number of the first kept event that whoever was told all up to this position has yet to get; null when there is none. */
  placeAfter(position: bigint): number | null;
  /** Number of the event after the kept one with this cursor; null when there is none. */
  placeAfterCursor(cursor: string): number | null;
  /** The event of this number; 'gone' when it is no longer kept, null when it has not come yet. */
  at(place: number): ToldEvent | 'gone' | null;
  /** Calls with each event from now on; `ended` once, with a failure if there was one. The last that leaves ends the stream. */
  join(member: Member): Membership;
}

export interface Member {
  told(event: ToldEvent, place: number): void;
  ended(failure?: unknown): void;
}

export interface Membership {
  /** Whether new events are handed over; off at first. */
  setLive(live: boolean): void;
  leave(): void;
}

export interface KeptBounds {
  readonly events: number;
  readonly bytes: number;
}

const AT_A_STRETCH = 256; // members served before others get a turn: about 3 ms

/** `from` is the place up to which the source's members were told; `closed` is called when the stream ends by itself. */
export function liveStream(
  source: AsyncGenerator<SubscriptionEvent>,
  from: { readonly cursor: string; readonly position: bigint },
  closed: () => void,
  bounds: () => KeptBounds,
): LiveStream {
  const members = new Set<Member>();
  const live = new Set<Member>();
  const kept = keptEvents(from, bounds);
  let isOpen = true;

  const end = (...failure: [unknown?]): void => {
    if (!isOpen) return;
    isOpen = false;
    closed();
    for (const member of [...members]) member.ended(...failure);
  };
  const pump = async (): Promise<void> => {
    for await (const event of source) {
      const told = toldEvent(event);
      const place = kept.add(told);
      let served = 0;
      for (const member of live) {
        member.told(told, place);
        if (++served % AT_A_STRETCH === 0) await setImmediate();
      }
    }
  };
  pump().then(
    () => end(),
    failure => end(failure),
  );

  return {
    ...kept,
    join: member => {
      members.add(member);
      return {
        setLive: on => void (on ? live.add(member) : live.delete(member)),
        leave: () => {
          live.delete(member);
          if (!members.delete(member) || members.size > 0 || !isOpen) return;
          isOpen = false;
          closed();
          source.return(undefined).catch(() => undefined); // nobody is left to be told of it
        },
      };
    },
  };
}

interface KeptEvents extends Pick<LiveStream, 'placeAfter' | 'placeAfterCursor' | 'at'> {
  add(event: ToldEvent): number;
}

/** The newest events, numbered from 0 on. Pure but for its own state. */
function keptEvents(
  from: { readonly cursor: string; readonly position: bigint },
  bounds: () => KeptBounds,
): KeptEvents {
  let events: ToldEvent[] = [];
  let first = 0; // number of events[0]
  let bytes = 0;
  // Whoever was told all up to `floor` goes on at number `joinable`; null while a snapshot is under way.
  let floor: bigint | null = from.position;
  let joinable = 0;
  const places = new Map([[from.cursor, 0]]);

  const drop = (most: KeptBounds): void => {
    let gone = 0;
    while (events.length - gone > most.events || (bytes > most.bytes && events.length - gone > 1)) {
      const event = events[gone++]!;
      bytes -= sizeOf(event);
      if (floor !== null && joinable < first + gone) {
        joinable = first + gone;
        floor = event.position;
      }
      if (event.cursor !== null && places.get(event.cursor)! <= first + gone) places.delete(event.cursor);
    }
    if (gone === 0) return;
    if (places.get(from.cursor) === 0) places.delete(from.cursor);
    events = events.slice(gone);
    first += gone;
  };

  return {
    add: event => {
      const place = first + events.length;
      events.push(event);
      bytes += sizeOf(event);
      if (event.cursor !== null && event.position !== null) {
        if (floor === null) {
          floor = event.position;
          joinable = place + 1;
        }
        places.set(event.cursor, place + 1);
      } else {
        floor = null; // a snapshot: nobody from elsewhere can go over in the middle of it
        places.clear();
      }
      const most = bounds();
      if (events.length > most.events * 1.25 || bytes > most.bytes * 1.25) drop(most); // a fifth at once: no shift an event
      return place;
    },
    at: place => (place < first ? 'gone' : (events[place - first] ?? null)),
    placeAfter: position => {
      if (floor === null || position < floor) return null;
      let low = Math.max(joinable, first);
      let high = first + events.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (events[middle - first]!.position! > position) high = middle;
        else low = middle + 1;
      }
      return low;
    },
    placeAfterCursor: cursor => {
      const place = places.get(cursor);
      return place === undefined || place < first ? null : place;
    },
  };
}
