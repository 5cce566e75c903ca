// Sweeps all that is kept for a while (the alarm history, …) once before the region opens and then each hour. A sweep that
// fails is told and comes again: the days stand ready two days ahead, and what is too old does no harm for an hour.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';

export interface Kept {
  sweep(): Promise<void>;
}

const EVERY_MS = 3_600_000;

/** Answers how to stop. */
export async function sweepHistory(all: readonly Kept[], log: Logger): Promise<() => Promise<void>> {
  const sweeps = all.map(kept =>
    repeating({ everyMs: EVERY_MS, log, failed: 'sweep of the history failed', work: () => kept.sweep() }),
  );
  for (const { turn } of sweeps) await turn();
  return async () => {
    for (const { stop } of sweeps) await stop();
  };
}
