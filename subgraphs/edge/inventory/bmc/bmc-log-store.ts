// All SQL on what the logs of BMCs say.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { BmcLogRow } from './bmc-status.ts';
import type { LogEntry } from './board-controller.ts';

const COLUMNS = `host_id as "hostId", sequence, generation, entry_id as id, at, noted_at as "notedAt", severity, message`;

export const keyOfEntry = ({ sequence }: BmcLogRow): readonly string[] => [String(sequence)];

export interface EntriesPage {
  /** Newest first: the page, and when there is one the entry after it. */
  readonly found: readonly BmcLogRow[];
  readonly totalCount: number;
}

/** The same page of each host's entries, in two statements for all of them. */
export async function listEntries(sql: Sql, hostIds: readonly string[], page: Page): Promise<EntriesPage[]> {
  const [found, counts] = await Promise.all([
    rows<BmcLogRow>(
      sql,
      `/* bmc.log */ select entry.* from unnest($1::uuid[]) as wanted (host_id), lateral (
         select ${COLUMNS} from bmc_log_entry
         where host_id = wanted.host_id and ($2::int is null or sequence < $2) order by sequence desc limit $3) as entry`,
      [hostIds, page.after?.[0] ?? null, page.first + 1],
    ),
    rows<{ hostId: string; n: number }>(
      sql,
      `/* bmc.logCount */ select host_id as "hostId", count(*)::int as n from bmc_log_entry
       where host_id = any($1::uuid[]) group by host_id`,
      [hostIds],
    ),
  ]);
  return hostIds.map(id => ({
    found: found.filter(({ hostId }) => hostId === id),
    totalCount: counts.find(({ hostId }) => hostId === id)?.n ?? 0,
  }));
}

/** How many are kept, and when the oldest of them happened. */
export async function keptEntries(
  sql: Sql,
  hostId: string,
): Promise<{ readonly n: number; readonly oldest: string | null }> {
  const kept = await one<{ n: number; oldest: string | null }>(
    sql,
    '/* bmc.logKept */ select count(*)::int as n, min(at) as oldest from bmc_log_entry where host_id = $1',
    [hostId],
  );
  return kept!;
}

export async function findEntryIds(sql: Sql, hostId: string, generation: number): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    sql,
    '/* bmc.logIds */ select entry_id as id from bmc_log_entry where host_id = $1 and generation = $2',
    [hostId, generation],
  );
  return new Set(found.map(({ id }) => id));
}

/** In this order, behind those that are there; what is known is left out. Only the newest `keep` stay. */
export async function addEntries(
  sql: Sql,
  hostId: string,
  generation: number,
  entries: readonly LogEntry[],
  at: string,
  keep: number,
): Promise<void> {
  await rows(
    sql,
    `/* bmc.addLog */ insert into bmc_log_entry (host_id, sequence, generation, entry_id, at, noted_at, severity, message)
     select $1, n + (select coalesce(max(sequence), 0) from bmc_log_entry where host_id = $1), $2, id, at, $7, severity, message
     from unnest($3::text[], $4::timestamptz[], $5::text[], $6::text[]) with ordinality
       as entry (id, at, severity, message, n)
     on conflict on constraint bmc_log_entry_once do nothing`,
    [
      hostId,
      generation,
      entries.map(e => e.id),
      entries.map(e => e.at),
      entries.map(e => e.severity),
      entries.map(e => e.message),
      at,
    ],
  );
  await rows(
    sql,
    `/* bmc.pruneLog */ delete from bmc_log_entry where host_id = $1
       and sequence <= (select max(sequence) from bmc_log_entry where host_id = $1) - $2`,
    [hostId, keep],
  );
}
