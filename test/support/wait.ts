// Waits on an event of the system under test, never for a time: looks again until it holds, or fails with the last sight.
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 50;

/** Resolves with the first sight that is not null, undefined or false; fails with `what` after the deadline. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  deadlineMs = 20_000,
): Promise<T> {
  const until = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const seen = await look();
      if (seen !== null && seen !== undefined && seen !== false) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await pause(LOOK_MS);
  }
  throw new Error(
    `not within ${deadlineMs} ms: ${what}; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}
