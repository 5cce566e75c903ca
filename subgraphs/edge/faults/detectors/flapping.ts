// When an alarm flaps: it is raised again and again, and each time soon clear (ISA-18.2 calls it chattering). Pure. The
// mark follows from the alarm's earlier lives as they are stored, so a restart forgets nothing.
//
//   a raise   marks it when it is the `raises`-th within `windowMs`, or when the last life was marked and ended less
//             than `quietMs` ago
//   a clear   leaves the mark as it is
//   time      takes it away once `quietMs` have passed since the raise
import type { Config } from '../../../../runtime/config.ts';

export type FlappingSettings = Config['faults']['flapping'];

/** An earlier life of an alarm: from a raise to the clear after it. */
export interface PastLife {
  readonly raisedAt: string;
  readonly clearedAt: string;
  readonly flapping: boolean;
}

const agoOf = (instant: string, at: string): number => Date.parse(at) - Date.parse(instant);

/** Whether an alarm that is raised now flaps; `past` is newest first and reaches back as far as `lookBack`. */
export function isFlapping(past: readonly PastLife[], at: string, settings: FlappingSettings): boolean {
  const [last] = past;
  if (last?.flapping && agoOf(last.clearedAt, at) < settings.quietMs) return true;
  const earlier = past.filter(life => agoOf(life.raisedAt, at) < settings.windowMs);
  return earlier.length + 1 >= settings.raises;
}

/** Lives that ended before this instant do not count. */
export const lookBack = (at: string, { windowMs, quietMs }: FlappingSettings): string =>
  new Date(Date.parse(at) - Math.max(windowMs, quietMs)).toISOString();

/** An open alarm that was raised at this instant or earlier is quiet. */
export const quietSince = (at: Date, { quietMs }: FlappingSettings): string =>
  new Date(at.getTime() - quietMs).toISOString();
