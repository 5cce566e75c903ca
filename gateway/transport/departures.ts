// Tells all who wait under one signal when it aborts. They share one listener of it: one for each region of a request costs
// more than most else of that region. Nothing is left on a signal under which nobody waits.

export interface Departures {
  /** Called once when the signal aborts, in the order in which they were added. */
  add(leave: () => void): void;
  delete(leave: () => void): void;
}

const departures = new WeakMap<AbortSignal, Departures>();

/** For a signal that has not aborted yet. */
export function departuresOf(signal: AbortSignal): Departures {
  const known = departures.get(signal);
  if (known) return known;
  const made = newDepartures(signal);
  departures.set(signal, made);
  return made;
}

function newDepartures(signal: AbortSignal): Departures {
  const waiting = new Set<() => void>();
  const leaveAll = (): void => {
    const all = [...waiting];
    waiting.clear();
    for (const leave of all) leave();
  };
  return {
    add: leave => {
      if (waiting.size === 0) signal.addEventListener('abort', leaveAll, { once: true });
      waiting.add(leave);
    },
    delete: leave => {
      if (waiting.delete(leave) && waiting.size === 0) signal.removeEventListener('abort', leaveAll);
    },
  };
}
