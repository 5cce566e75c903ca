// Ends the waiting of those who asked under one signal: when it aborts, or when their deadline has passed. They share one
// listener and one timer: some of its own for each region of a request cost more than most else of that region. Nothing is
// left on a signal under which nobody waits.
import { performance } from 'node:perf_hooks';

export interface Waits {
  /** When its deadline passes, in ms of the clock. */
  readonly until: number;
  /** For this file to set. */
  place: number;
}

export interface Patience<W extends Waits> {
  add(waiter: W): void;
  delete(waiter: W): void;
}

export interface PatienceOwner<W> {
  late(waiter: W): void;
  left(waiter: W, reason: unknown): void;
}

export interface Terms {
  /** One that has not aborted yet. */
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs: number;
}

/** Of all who wait as long under the same signal. Whoever is added first is late first. */
export function patiences<W extends Waits>(owner: PatienceOwner<W>): (terms: Terms) => Patience<W> {
  const known = new WeakMap<AbortSignal, { readonly deadlineMs: number; readonly patience: Patience<W> }>();
  return ({ signal, deadlineMs }) => {
    if (!signal) return newPatience(owner, undefined);
    const last = known.get(signal);
    if (last?.deadlineMs === deadlineMs) return last.patience;
    const patience = newPatience(owner, signal);
    known.set(signal, { deadlineMs, patience });
    return patience;
  };
}

const MOST_GAPS = 64; // places of those who are gone, before others move up

function newPatience<W extends Waits>(owner: PatienceOwner<W>, signal: AbortSignal | undefined): Patience<W> {
  let waiting: (W | null)[] = [];
  let count = 0;
  let timer: NodeJS.Timeout | undefined;

  const isWaiting = (waiter: W | null): waiter is W => waiter !== null && waiting[waiter.place] === waiter;
  const leave = (): void => {
    for (const waiter of waiting) if (isWaiting(waiter)) owner.left(waiter, signal?.reason);
  };
  const wakeAt = (until: number): void => {
    clearTimeout(timer);
    // an answer that has come while this process was busy with something else is read before it is called late
    timer = setTimeout(() => setImmediate(expire), until - performance.now());
  };
  const expire = (): void => {
    const now = performance.now();
    for (const waiter of waiting) if (isWaiting(waiter) && waiter.until <= now) owner.late(waiter);
    const next = waiting.find(isWaiting);
    if (next) wakeAt(next.until);
  };

  /** Under the signal of a subscription somebody may always be waiting. */
  const closeGaps = (): void => {
    waiting = waiting.filter(isWaiting);
    for (const [place, waiter] of waiting.entries()) waiter!.place = place;
  };

  return {
    add: waiter => {
      if (waiting.length > MOST_GAPS + 2 * count) closeGaps();
      if (count++ === 0) {
        wakeAt(waiter.until);
        signal?.addEventListener('abort', leave, { once: true });
      }
      waiter.place = waiting.push(waiter) - 1;
    },
    delete: waiter => {
      if (waiting[waiter.place] !== waiter) return;
      waiting[waiter.place] = null;
      if (--count > 0) return;
      waiting = [];
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    },
  };
}
