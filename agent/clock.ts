// Time as the agent sees it: injected, so that tests turn the hands themselves. Holds no schedule.
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back once after `ms`; the answer calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Gives up waiting for `work` after `ms` or with the signal: a library call that hangs must not hang its loop, or the end. */
export function within<T>(clock: Clock, ms: number, signal: AbortSignal, what: string, work: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error(`${what} did not finish within ${ms} ms`)));
    const onAbort = () => {
      cancel();
      reject(new Error(`${what} was broken off`));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      cancel();
      signal.removeEventListener('abort', onAbort);
    });
  });
}
