// A clock whose hands the test turns.
import type { Clock } from '../../../agent/clock.ts';

export interface HandClock extends Clock {
  /** Moves the time and rings what is due; lets what was woken run. */
  advance(ms: number): Promise<void>;
  /** When the next bell rings, counted from now; null for never. */
  nextIn(): number | null;
}

export function createHandClock(start = 1_000_000): HandClock {
  let now = start;
  const bells = new Set<{ readonly at: number; readonly ring: () => void }>();
  const due = () => [...bells].filter(bell => bell.at <= now);
  return {
    now: () => now,
    after(ms, ring) {
      const bell = { at: now + ms, ring };
      bells.add(bell);
      return () => bells.delete(bell);
    },
    async advance(ms) {
      now += ms;
      for (const bell of due()) {
        bells.delete(bell);
        bell.ring();
      }
      await settle();
    },
    nextIn: () => (bells.size === 0 ? null : Math.min(...[...bells].map(bell => bell.at)) - now),
  };
}

/** Lets everything run that waits for nothing but its turn. */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve));
