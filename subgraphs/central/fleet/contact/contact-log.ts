// Collects what the followers hear and writes it at most twice a second, for all regions in one statement.
import type { Logger } from '../../../../runtime/log.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { type Heard, saveHeard } from './contact-store.ts';

export interface ContactLog {
  heard(region: string): void;
  lost(region: string, reason: string): void;
  close(): Promise<void>;
}

const WRITE_MS = 500;

export function openContactLog(sql: Sql, log: Logger, now: () => Date): ContactLog {
  let pending = new Map<string, Heard>();
  let writing: Promise<void> = Promise.resolve();
  const write = async (): Promise<void> => {
    const heard = [...pending.values()];
    pending = new Map();
    await saveHeard(sql, heard).catch(error =>
      log.error({ err: error }, 'contact not written; the next heartbeat repeats it'),
    );
  };
  const timer = setInterval(() => {
    writing = writing.then(write);
  }, WRITE_MS);
  return {
    heard: region => {
      pending.set(region, { region, at: now().toISOString(), reason: null });
    },
    lost: (region, reason) => {
      pending.set(region, { region, at: pending.get(region)?.at ?? null, reason });
    },
    close: async () => {
      clearInterval(timer);
      await writing;
      await write();
    },
  };
}
