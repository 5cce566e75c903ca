// Looks once a second for suppressions that are over. While the region is down nothing expires: what is over then is
// found by the first look.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { SuppressionService } from './suppression-service.ts';

export interface SuppressionWatchDeps {
  readonly suppressions: Pick<SuppressionService, 'expire'>;
  readonly log: Logger;
}

const EVERY_MS = 1_000;

/** Answers how to stop. */
export function watchSuppressions({ suppressions, log }: SuppressionWatchDeps): () => Promise<void> {
  const look = async (): Promise<void> => {
    const ended = await suppressions.expire();
    if (ended > 0) log.info({ suppressions: ended }, 'suppressions expired');
  };
  return repeating({ everyMs: EVERY_MS, log, failed: 'suppression watch failed', work: look }).stop;
}
