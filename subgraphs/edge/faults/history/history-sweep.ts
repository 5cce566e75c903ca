// Sweeps the alarm history once before the region opens and then each hour. A sweep that fails is told and comes again:
// the days stand ready two days ahead, and what is too old does no harm for an hour.
import type { Logger } from '../../../../runtime/log.ts';
import type { AlarmHistory } from './alarm-history.ts';

const EVERY_MS = 3_600_000;

/** Answers how to stop. */
export async function sweepHistory(history: Pick<AlarmHistory, 'sweep'>, log: Logger): Promise<() => Promise<void>> {
  let sweeping: Promise<void> | undefined;
  const sweep = (): Promise<void> => {
    sweeping ??= history
      .sweep()
      .catch(error => log.error({ err: error }, 'sweep of the alarm history failed'))
      .finally(() => {
        sweeping = undefined;
      });
    return sweeping;
  };
  await sweep();
  const timer = setInterval(sweep, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await sweeping;
  };
}
