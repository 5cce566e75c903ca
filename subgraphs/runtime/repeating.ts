// Does something again and again, one at a time: a turn that comes while the last one is under way is left out, and one
// that fails is logged and tried again at the next.
import type { Logger } from '../../runtime/log.ts';

export interface RepeatingDeps {
  readonly everyMs: number;
  readonly log: Logger;
  /** What to log when a turn fails. */
  readonly failed: string;
  work(): Promise<void>;
}

export interface Repeating {
  /** A turn out of turn, or the one under way. Never rejects. */
  turn(): Promise<void>;
  /** Waits for the turn that is under way. */
  stop(): Promise<void>;
}

export function repeating({ everyMs, log, failed, work }: RepeatingDeps): Repeating {
  let underWay: Promise<void> | undefined;
  const turn = (): Promise<void> => {
    underWay ??= work()
      .catch(error => log.error({ err: error }, failed))
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  const timer = setInterval(turn, everyMs);
  return {
    turn,
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
