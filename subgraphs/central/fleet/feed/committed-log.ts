// Collects how far regions say they are and writes it once a second, for all regions in one statement.
import type { Logger } from '../../../../runtime/log.ts';
import { repeating } from '../../../runtime/repeating.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { type Committed, saveCommitted } from './feed-account-store.ts';

export interface CommittedLog {
  heard(region: string, sequence: string): void;
  close(): Promise<void>;
}

const WRITE_MS = 1_000;

export function openCommittedLog(sql: Sql, log: Logger, now: () => Date): CommittedLog {
  let pending = new Map<string, Committed>();
  const writing = repeating({
    everyMs: WRITE_MS,
    log,
    failed: 'what regions committed is not written; the next heartbeat repeats it',
    work: async () => {
      const heard = [...pending.values()];
      pending = new Map();
      await saveCommitted(sql, heard);
    },
  });
  return {
    heard: (region, sequence) => void pending.set(region, { region, sequence, at: now().toISOString() }),
    close: () => writing.stop(),
  };
}
