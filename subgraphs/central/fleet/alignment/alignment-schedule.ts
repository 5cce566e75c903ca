// When the mirror of a region is compared with the region by itself. Pure. The instants follow from the region's id and the
// clock alone: regions are spread over the interval, and a new leader goes on where the last one was.
import { createHash } from 'node:crypto';

/** Whether an instant of the region's lies after `since` and not after `now`. */
export function isCheckDue(region: string, everyMs: number, since: number, now: number): boolean {
  const offset = createHash('sha256').update(region).digest().readUInt32BE() % everyMs;
  const turn = (at: number): number => Math.floor((at - offset) / everyMs);
  return turn(now) > turn(since);
}
