// Follows a supergraph file: a text that has changed goes to the engine, once it has been the same at two looks in a row.
// A text that the engine refuses is logged and not tried again before it changes.
import fs from 'node:fs/promises';
import type { Logger } from '../../runtime/log.ts';

export interface SupergraphWatchDeps {
  readonly file: string;
  /** What runs now. */
  readonly current: string;
  readonly everyMs: number;
  reload(supergraphSdl: string): Promise<void>;
  readonly log: Logger;
}

/** Answers how to stop. */
export function watchSupergraph({ file, current, everyMs, reload, log }: SupergraphWatchDeps): () => Promise<void> {
  let running = current;
  let seen = current;
  let underWay: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const text = await fs.readFile(file, 'utf8');
    const isWhole = text === seen; // whoever writes it may not be done
    seen = text;
    if (!isWhole || text === running) return;
    running = text;
    await reload(text);
    log.info({ file }, 'supergraph reloaded');
  };
  const timer = setInterval(() => {
    underWay ??= look()
      .catch(error => log.error({ err: error, file }, 'supergraph not reloaded; the last one stays'))
      .finally(() => {
        underWay = undefined;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
