// Lets identical queries that are under way at the same time share one execution. Whoever asks after a change was made
// never gets an answer that was begun before it.
import { setMaxListeners } from 'node:events';

export interface InFlight<T> {
  /** `start` gets a signal that aborts when nobody waits any more; each waiter leaves by its own. */
  share(key: string, left: AbortSignal | undefined, start: (abandoned: AbortSignal) => Promise<T>): Promise<T>;
  /** Something was changed: what is under way is for those who wait already. */
  changed(): void;
  counts(): { readonly started: number; readonly joined: number };
}

interface Flight<T> {
  readonly answer: Promise<T>;
  readonly abandoned: AbortController;
  waiting: number;
}

export function inFlight<T>(): InFlight<T> {
  const flights = new Map<string, Flight<T>>();
  let started = 0;
  let joined = 0;
  const open = (key: string, start: (abandoned: AbortSignal) => Promise<T>): Flight<T> => {
    const abandoned = new AbortController();
    setMaxListeners(0, abandoned.signal); // every fetch under way listens
    const flight: Flight<T> = { answer: start(abandoned.signal), abandoned, waiting: 0 };
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.answer.then(land, land);
    abandoned.signal.addEventListener('abort', land, { once: true });
    return flight;
  };
  return {
    share: (key, left, start) => {
      const known = flights.get(key);
      if (known) joined++;
      else started++;
      const flight = known ?? open(key, start);
      flight.waiting++;
      return left ? untilLeft(flight, left) : flight.answer;
    },
    changed: () => flights.clear(),
    counts: () => ({ started, joined }),
  };
}

function untilLeft<T>(flight: Flight<T>, left: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      flight.waiting--;
      if (flight.waiting === 0) flight.abandoned.abort(left.reason);
      reject(left.reason);
    };
    if (left.aborted) return leave();
    left.addEventListener('abort', leave, { once: true });
    flight.answer.then(resolve, reject).finally(() => left.removeEventListener('abort', leave));
  });
}
