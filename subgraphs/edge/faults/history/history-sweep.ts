// Sweeps the alarm history once before the region opens and then each hour. A sweep that fails is told and comes again:
// the days stand ready two days ahead, and what is too old does no harm for an hour.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { AlarmHistory } from './alarm-history.ts';

const EVERY_MS = 3_600_000;

/** Answers how to stop. */
export async function sweepHistory(history: Pick<AlarmHistory, 'sweep'>, log: Logger): Promise<() => Promise<void>> {
  const sweeps = repeating({
    everyMs: EVERY_MS,
    log,
    failed: 'sweep of the alarm history failed',
    work: () => history.sweep(),
  });
  await sweeps.turn();
  return sweeps.stop;
}
