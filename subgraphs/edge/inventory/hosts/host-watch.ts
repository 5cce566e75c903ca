// Looks once a second for hosts whose agents fell silent. A region that was itself down counts silence from its own
// start: it could not have heard them.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
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
  const look = async (): Promise<void> => {
    const at = now().getTime();
    if (at - startedAt < offlineAfterMs) return;
    const gone = await hosts.expire(new Date(at - offlineAfterMs));
    if (gone > 0) log.warn({ hosts: gone }, 'hosts fell silent');
  };
  return repeating({ everyMs: EVERY_MS, log, failed: 'host watch failed', work: look }).stop;
}
