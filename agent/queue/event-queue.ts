// Events on their way to a region, on disk so that neither the region's absence nor the agent's end loses one. Adding
// never waits for the region. Bounded: when it is full the oldest go, counted and logged.
//
//   added --written and synced--> waiting --region accepted or refused it--> gone
//                                    \------the queue is full---------------> dropped
//
// A disk that fails does not stop the reporting: events are then kept in memory only, and the adder is told so.
import type { Logger } from '../../runtime/log.ts';
import type { NewEvent, QueuedEvent } from './queued-event.ts';
import type { Segments } from './segments.ts';

export interface EventQueue {
  /** Resolves with true once the event would survive a crash, with false when it is in memory only. Never rejects. */
  add(event: NewEvent): Promise<boolean>;
  /** The oldest event that may be sent. */
  next(): QueuedEvent | undefined;
  /** The newest event that fits, sent or not yet. */
  newest(fits: (event: QueuedEvent) => boolean): QueuedEvent | undefined;
  /** The region has dealt with it. */
  done(event: QueuedEvent): void;
  /** Calls back when there is something to send. */
  whenReady(callback: () => void): void;
  readonly size: number;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

export interface EventQueueDeps {
  /** Null when the folder cannot be used. */
  readonly segments: Segments | null;
  readonly most: number;
  readonly log: Logger;
  newKey(): string;
}

const TELL_EVERY = 1_000; // dropped events: a line each would fill the log of a long outage

export function createEventQueue({ segments, most, log, newKey }: EventQueueDeps): EventQueue {
  const events: QueuedEvent[] = [...(segments?.kept ?? [])];
  const unwritten: { readonly event: QueuedEvent; readonly tell: (durable: boolean) => void }[] = [];
  let last = segments?.last ?? 0;
  let written = last;
  let doneTo = 0;
  let notedTo = 0;
  let dropped = 0;
  let diskWorks = true;
  let ready = (): void => {};
  let working: Promise<void> | null = null;

  const onDisk = async (what: string, work: (on: Segments) => Promise<void>): Promise<boolean> => {
    if (segments === null) return false;
    try {
      await work(segments);
      if (!diskWorks) log.info('queue folder works again');
      diskWorks = true;
    } catch (error) {
      if (diskWorks) log.error({ err: error, what }, 'queue folder fails; events are kept in memory only');
      diskWorks = false;
    }
    return diskWorks;
  };

  /** One at a time; what comes in meanwhile shares the next sync. */
  async function work(): Promise<void> {
    while (unwritten.length > 0 || notedTo < doneTo) {
      const batch = unwritten.splice(0);
      if (batch.length > 0) {
        const durable = await onDisk('write', on => on.append(batch.map(({ event }) => event)));
        written = batch.at(-1)!.event.n;
        for (const { tell } of batch) tell(durable);
        ready();
      }
      const upTo = doneTo;
      if (notedTo < upTo) await onDisk('remove', on => on.done(upTo));
      notedTo = upTo;
    }
    working = null; // in the same turn as the last look: nothing can be added in between
  }
  const kick = (): void => {
    working ??= work();
  };

  function dropOldest(): void {
    for (; events.length > most; dropped++) {
      if (dropped % TELL_EVERY === 0)
        log.warn({ dropped: dropped + 1, most }, 'event queue is full; dropping the oldest');
      doneTo = Math.max(doneTo, events.shift()!.n);
    }
  }

  dropOldest();
  if (doneTo > 0) kick();
  return {
    add(event) {
      const queued = { n: ++last, key: newKey(), ...event };
      events.push(queued);
      dropOldest();
      return new Promise(tell => {
        unwritten.push({ event: queued, tell });
        kick();
      });
    },
    next: () => (events[0] !== undefined && events[0].n <= written ? events[0] : undefined),
    newest: fits => events.findLast(fits),
    done(event) {
      if (events[0]?.n !== event.n) return; // dropped while it was being sent
      events.shift();
      doneTo = event.n;
      if (dropped > 0) log.warn({ dropped }, 'events were dropped while the region did not take them');
      dropped = 0;
      kick();
    },
    whenReady: callback => {
      ready = callback;
    },
    get size() {
      return events.length;
    },
    async close() {
      while (working) await working;
      await segments?.close();
    },
  };
}
