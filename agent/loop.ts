// Runs one piece of work over and over, never two at once: at an interval, when woken, sooner after a failure.
// Ends with its signal. Does not end because the work fails.
import type { Clock } from './clock.ts';

export interface LoopOptions {
  /** Start to start; null runs only when woken. */
  readonly everyMs: number | null;
  /** Wait after the n-th failure in a row; left out, a failure waits for the next turn. */
  readonly retryMs?: (failures: number) => number;
  /** Answers whether it succeeded. A throw counts as a failure and goes to `onError`. */
  readonly work: () => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

export interface Loop {
  /** Runs the work now, or once more after the run that is under way. */
  wake(): void;
  /** Settles when the signal has ended the loop. Never rejects. */
  readonly done: Promise<void>;
}

/** The first run is at once. */
export function startLoop(clock: Clock, signal: AbortSignal, options: LoopOptions): Loop {
  const nap = createNap(clock, signal);
  return { wake: nap.wake, done: run(clock, signal, options, nap) };
}

async function run(clock: Clock, signal: AbortSignal, options: LoopOptions, nap: Nap): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = clock.now();
    failures = (await succeeds(options)) ? 0 : failures + 1;
    await nap.take(waitMs(options, failures, clock.now() - startedAt));
  }
}

async function succeeds({ work, onError }: LoopOptions): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    onError(error);
    return false;
  }
}

function waitMs({ everyMs, retryMs }: LoopOptions, failures: number, tookMs: number): number | null {
  const turn = everyMs === null ? null : Math.max(0, everyMs - tookMs);
  if (failures === 0 || retryMs === undefined) return turn;
  return Math.min(turn ?? Number.POSITIVE_INFINITY, retryMs(failures));
}

interface Nap {
  wake(): void;
  take(ms: number | null): Promise<void>;
}

/** A sleep that a wake or an abort ends; a wake while nobody sleeps ends the next sleep. */
function createNap(clock: Clock, signal: AbortSignal): Nap {
  let woken = false;
  let end: (() => void) | null = null;
  signal.addEventListener('abort', () => end?.(), { once: true });
  return {
    wake() {
      woken = true;
      end?.();
    },
    async take(ms) {
      if (!woken && !signal.aborted) {
        await new Promise<void>(resolve => {
          const cancel = ms === null ? () => {} : clock.after(ms, resolve);
          end = () => {
            cancel();
            resolve();
          };
        });
      }
      end = null;
      woken = false;
    },
  };
}
