// Keeps an outbox within its age and size, in small batches that block no writer. Followers from before the kept part take
// a snapshot instead: the change stream tells them.
import type { Logger } from '../../runtime/log.ts';
import type { Outbox } from './outbox.ts';
import { repeating } from './repeating.ts';

export interface OutboxRetentionDeps {
  readonly outbox: Pick<Outbox, 'prune'>;
  readonly keepHours: number;
  readonly keepChanges: number;
  readonly log: Logger;
  now(): Date;
}

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const BATCH = 1_000; // changes in one statement: short locks, small steps for the log of the database

/** Prunes at once and every minute; answers how to stop. */
export function pruneOutbox({ outbox, keepHours, keepChanges, log, now }: OutboxRetentionDeps): () => Promise<void> {
  let isStopping = false;
  const prune = async (): Promise<void> => {
    const before = new Date(now().getTime() - keepHours * HOUR_MS).toISOString();
    let removed = 0;
    for (let batch = BATCH; batch === BATCH && !isStopping; removed += batch)
      batch = await outbox.prune(before, keepChanges, BATCH);
    if (removed > 0) log.info({ changes: removed }, 'outbox pruned');
  };
  const prunes = repeating({
    everyMs: EVERY_MS,
    log,
    failed: 'outbox not pruned; tried again in a minute',
    work: prune,
  });
  void prunes.turn();
  return () => {
    isStopping = true;
    return prunes.stop();
  };
}
