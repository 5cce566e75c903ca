// Looks once a second for suppressions that are over. While the region is down nothing expires: what is over then is
// found by the first look.
import type { Logger } from '../../../../runtime/log.ts';
import type { SuppressionService } from './suppression-service.ts';

export interface SuppressionWatchDeps {
  readonly suppressions: Pick<SuppressionService, 'expire'>;
  readonly log: Logger;
}

const EVERY_MS = 1_000;

/** Answers how to stop. */
export function watchSuppressions({ suppressions, log }: SuppressionWatchDeps): () => Promise<void> {
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const ended = await suppressions.expire();
    if (ended > 0) log.info({ suppressions: ended }, 'suppressions expired');
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch(error => log.error({ err: error }, 'suppression watch failed'))
      .finally(() => {
        looking = undefined;
      });
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
