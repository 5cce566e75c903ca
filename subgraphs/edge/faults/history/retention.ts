// How long a log (the alarm history, the event log) is kept, in whole UTC days. Pure. A day goes when all of it is older
// than the age, or when the days from it on hold more rows than the size; today never goes, so a day alone may exceed the
// size.

export interface Day {
  /** `2026-11-22` */
  readonly day: string;
  /** Number of its first row; null while it has none. */
  readonly firstSequence: string | null;
}

export interface Retention {
  readonly historyDays: number;
  readonly historyRows: number;
}

const DAY_MS = 86_400_000;
const AHEAD = 2; // days: the sweep comes each hour and may fail for a while

export const isDay = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text);

export const dayOf = (at: string): string => at.slice(0, 10);

export const dayAfter = (day: string, days = 1): string =>
  dayOf(new Date(Date.parse(day) + days * DAY_MS).toISOString());

/** Older than this is forgotten. */
export const oldestKept = (now: Date, { historyDays }: Retention): Date =>
  new Date(now.getTime() - historyDays * DAY_MS);

/** Today and the days that must stand ready. */
export const daysNeeded = (now: Date): string[] => {
  const today = dayOf(now.toISOString());
  return Array.from({ length: AHEAD + 1 }, (_, i) => dayAfter(today, i));
};

/**
 * The days to drop. Every number of the log's count is one row, so the number of rows from a day on is the distance of
 * its first number to the head: nothing is counted.
 */
export function daysToDrop(days: readonly Day[], head: string, now: Date, retention: Retention): string[] {
  const today = dayOf(now.toISOString());
  const oldest = oldestKept(now, retention).getTime();
  const tooOld = ({ day }: Day): boolean => Date.parse(dayAfter(day)) <= oldest;
  const tooMany = ({ firstSequence }: Day): boolean =>
    firstSequence !== null && BigInt(head) - BigInt(firstSequence) + 1n > BigInt(retention.historyRows);
  return days.filter(day => day.day < today && (tooOld(day) || tooMany(day))).map(({ day }) => day);
}
