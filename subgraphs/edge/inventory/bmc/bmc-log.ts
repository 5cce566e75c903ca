// Takes over what the log of a BMC says that the region does not know yet: after an event, after a time without contact, and
// now and then. Each entry once, whether the log was cleared meanwhile or not.
import type { Sql } from '../../../runtime/sql.ts';
import { addEntries, findEntryIds, keptEntries } from './bmc-log-store.ts';
import type { BmcStatusRow } from './bmc-status.ts';
import { saveStatus } from './bmc-store.ts';
import type { BoardController, LogEntry } from './board-controller.ts';

const KEEP = 2_000; // entries of a host

/** Answers how many were new. */
export async function takeLog(
  sql: Sql,
  controller: BoardController,
  status: BmcStatusRow,
  now: string,
  signal: AbortSignal,
): Promise<number> {
  const { hostId } = status;
  const known = await findEntryIds(sql, hostId, status.logGeneration);
  const log = await controller.log(id => known.has(id), signal);
  if (log === null) return 0;
  const isCleared = log.total < status.logTotal;
  const whole = isCleared ? await controller.log(() => false, signal) : log;
  if (whole === null) return 0;
  const logGeneration = status.logGeneration + (isCleared ? 1 : 0);
  const kept = await keptEntries(sql, hostId);
  const fresh = [...whole.entries].filter(entry => kept.n < KEEP || isAfter(entry, kept.oldest)).sort(byTime);
  if (fresh.length > 0) await addEntries(sql, hostId, logGeneration, fresh, now, KEEP);
  // behind the entries: after a crash in between they are read again and known
  await saveStatus(sql, status, { logTotal: whole.total, logGeneration });
  return fresh.length;
}

/** What was let go because there is newer must not come again. */
const isAfter = ({ at }: LogEntry, oldest: string | null): boolean => at !== null && (oldest === null || at > oldest);

/** Logs tell seconds: of one second the ids say the order. */
const byTime = (a: LogEntry, b: LogEntry): number =>
  (a.at ?? '').localeCompare(b.at ?? '') || a.id.localeCompare(b.id, 'en', { numeric: true });
