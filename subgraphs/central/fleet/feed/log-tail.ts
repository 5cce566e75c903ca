// The end of a log in the centre's database, kept in memory once for all subscribers of this process. Whoever is further
// behind than the kept part reads from the table: so a slow subscriber costs nobody memory.
import type { Logger } from '../../../../runtime/log.ts';
import type { Listener } from '../../../runtime/listener.ts';

/** Positions are whole numbers as text, without gaps, and commit in order. */
interface Entry {
  readonly position: string;
}

export interface LogTail<Event extends Entry> {
  /** Events after a position, oldest first; empty when there are none yet. */
  read(after: bigint): Promise<readonly Event[]>;
  /** Resolves true once there is something after the position, false after `ms` without. */
  wait(after: bigint, ms: number): Promise<boolean>;
  /** What was just committed, oldest first: what is next here is taken, and needs no reading. */
  add(events: readonly Event[]): void;
  close(): Promise<void>;
}

const KEPT = 10_000; // events; about 10 MB
const BATCH = 500;
const CATCH_UP_MS = 5_000; // NOTIFY is a hint; the table is looked at this often without one

export interface LogTailDeps<Event extends Entry> {
  /** For the log of the process: `feed log`. */
  readonly name: string;
  /** Position of the last event. */
  head(): Promise<string>;
  /** Events after a position, oldest first. */
  read(after: bigint, limit: number): Promise<Event[]>;
  /** Where positions are notified. */
  readonly channel: string;
  readonly listener: Listener;
  readonly log: Logger;
}

export async function openLogTail<Event extends Entry>({
  name,
  head,
  read,
  channel,
  listener,
  log,
}: LogTailDeps<Event>): Promise<LogTail<Event>> {
  let end = BigInt(await head());
  let kept: Event[] = [];
  const waiters = new Set<() => void>();
  let advancing: Promise<void> | undefined;
  let again = false;

  const advance = async (): Promise<void> => {
    do {
      again = false;
      const events = await read(end, BATCH);
      take(events.filter(({ position }) => BigInt(position) > end)); // some may have been added meanwhile
      again ||= events.length === BATCH;
    } while (again);
  };
  const take = (events: readonly Event[]): void => {
    if (events.length === 0) return;
    kept = [...kept, ...events].slice(-KEPT);
    end = BigInt(events.at(-1)!.position);
    for (const wake of waiters) wake();
  };
  const hint = (position?: string): void => {
    if (position !== undefined && BigInt(position) <= end) return;
    again = true;
    advancing ??= advance()
      .catch(error => log.warn({ err: error }, `${name} not read; tried again at the next hint`))
      .finally(() => {
        advancing = undefined;
      });
  };
  const stop = listener.on(channel, hint);
  const poll = setInterval(() => hint(), CATCH_UP_MS);

  return {
    read: async after => {
      if (after >= end) return [];
      const first = kept[0];
      if (first === undefined || BigInt(first.position) > after + 1n) return read(after, BATCH);
      const from = Number(after + 1n - BigInt(first.position)); // positions have no gaps
      return kept.slice(from, from + BATCH);
    },
    wait: (after, ms) =>
      new Promise(resolve => {
        if (after < end) return resolve(true);
        const done = (found: boolean): void => {
          clearTimeout(timer);
          waiters.delete(wake);
          resolve(found);
        };
        const wake = (): void => {
          if (after < end) done(true);
        };
        const timer = setTimeout(() => done(false), ms);
        waiters.add(wake);
      }),
    add: events => {
      if (events.length > 0 && BigInt(events[0]!.position) === end + 1n) take(events);
    },
    close: async () => {
      clearInterval(poll);
      stop();
      await advancing;
    },
  };
}
