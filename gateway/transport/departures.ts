// Tells all who wait for something under one signal when it aborts. They share one listener of it: a listener of an event
// target for each region of a request costs more than most else of it.

export interface Departures {
  add(leave: () => void): void;
  delete(leave: () => void): void;
}

const departures = new WeakMap<AbortSignal, Set<() => void>>();

/** For a signal that has not aborted yet. In the order in which they were added, each is called once. */
export function departuresOf(signal: AbortSignal): Departures {
  const known = departures.get(signal);
  if (known) return known;
  const leaving = new Set<() => void>();
  departures.set(signal, leaving);
  const leaveAll = (): void => {
    const all = [...leaving];
    leaving.clear();
    for (const leave of all) leave();
  };
  signal.addEventListener('abort', leaveAll, { once: true });
  return leaving;
}
