// Looks once a second for hosts whose agents fell silent. A region that was itself down counts silence from its own
// start: it could not have heard them.
import type { Logger } from '../../../../runtime/log.ts';
import type { HostService } from './host-service.ts';

export interface HostWatchDeps {
  readonly hosts: Pick<HostService, 'expire'>;
  readonly offlineAfterMs: number;
  readonly log: Logger;
  now(): Date;
}

const EVERY_MS = 1_000;

export function watchHosts({ hosts, offlineAfterMs, log, now }: HostWatchDeps): () => Promise<void> {
  const startedAt = now().getTime();
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const at = now().getTime();
    if (at - startedAt < offlineAfterMs) return;
    const gone = await hosts.expire(new Date(at - offlineAfterMs));
    if (gone > 0) log.warn({ hosts: gone }, 'hosts fell silent');
  };
  const timer = setInterval(() => {
    looking ??= look()
      .catch(error => log.error({ err: error }, 'host watch failed'))
      .finally(() => {
        looking = undefined;
      });
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
