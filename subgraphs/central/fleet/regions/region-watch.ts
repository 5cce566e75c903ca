// The one look at the region table that everything else in this process follows: twice a second, and at once after a
// change made here. Changes of another replica are seen at the next look.
import type { Logger } from '../../../../runtime/log.ts';
import type { Sql } from '../../../runtime/sql.ts';
import { contactOf, type RegionContact } from '../contact/contact-state.ts';
import type { RegionRow } from './region.ts';
import { allRegions } from './region-store.ts';

export interface WatchedRegion {
  readonly region: RegionRow;
  readonly contact: RegionContact;
}

export type RegionTable = ReadonlyMap<string, WatchedRegion>;

export interface RegionWatch {
  table(): RegionTable;
  /** Looks now. */
  look(): Promise<void>;
  /** Calls back after every look, with the table before it; answers how to stop. */
  onLook(seen: (now: RegionTable, before: RegionTable) => void): () => void;
  close(): Promise<void>;
}

const LOOK_MS = 500;

export async function watchRegions(sql: Sql, log: Logger, now: () => Date): Promise<RegionWatch> {
  const listeners = new Set<(now: RegionTable, before: RegionTable) => void>();
  let table: RegionTable = new Map();
  let looking: Promise<void> = Promise.resolve();

  const lookOnce = async (): Promise<void> => {
    const before = table;
    const at = now();
    table = new Map((await allRegions(sql)).map(region => [region.id, { region, contact: contactOf(region, at) }]));
    for (const seen of listeners) seen(table, before);
  };
  const look = (): Promise<void> => {
    // one look after the other, and never one that began before the caller's change
    looking = looking.catch(() => undefined).then(lookOnce);
    return looking;
  };

  await look();
  const timer = setInterval(() => {
    look().catch(error => log.error({ err: error }, 'regions not read; the last table stays'));
  }, LOOK_MS);
  return {
    table: () => table,
    look,
    onLook: seen => {
      listeners.add(seen);
      return () => listeners.delete(seen);
    },
    close: async () => {
      clearInterval(timer);
      await looking.catch(() => undefined);
    },
  };
}
