// Keeps the feed log and that of host changes within their age and size. The head says where the kept parts begin, so that a cursor from before it
// is told so rather than given silence.
import type { DataSource } from 'typeorm';
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import { pruneHostLog } from '../hosts/host-log-store.ts';
import { lockFeed, pruneBefore } from './mirror-store.ts';

export interface RetentionDeps {
  readonly dataSource: DataSource;
  readonly keepHours: number;
  readonly keepEvents: number;
  readonly log: Logger;
  now(): Date;
}

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Prunes at once and every minute; answers how to stop. */
export function pruneFeed({ dataSource, keepHours, keepEvents, log, now }: RetentionDeps): () => Promise<void> {
  const prune = async (): Promise<void> => {
    const oldest = new Date(now().getTime() - keepHours * HOUR_MS).toISOString();
    const removed = await dataSource.transaction(async tx => {
      await lockFeed(tx);
      return (await pruneBefore(tx, oldest, keepEvents)) + (await pruneHostLog(tx, oldest, keepEvents));
    });
    if (removed > 0) log.info({ events: removed }, 'logs pruned');
  };
  const prunes = repeating({
    everyMs: EVERY_MS,
    log,
    failed: 'logs not pruned; tried again in a minute',
    work: prune,
  });
  void prunes.turn();
  return prunes.stop;
}
