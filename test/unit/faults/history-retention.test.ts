// Which days of the history stay, for any ages and sizes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Day, dayAfter, daysNeeded, daysToDrop } from '../../../subgraphs/edge/faults/history/retention.ts';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const TODAY = '2026-11-22';

/** The last days up to today with so many rows each, oldest first, and the number of the last. */
function history(rowsByDay: readonly number[]): { days: Day[]; head: string } {
  let last = 0;
  const days = rowsByDay.map((rows, i) => {
    const firstSequence = rows > 0 ? String(last + 1) : null;
    last += rows;
    return { day: dayAfter(TODAY, i + 1 - rowsByDay.length), firstSequence };
  });
  return { days, head: String(last) };
}

const dropped = (rowsByDay: readonly number[], historyDays: number, historyRows: number): string[] => {
  const { days, head } = history(rowsByDay);
  return daysToDrop(days, head, NOW, { historyDays, historyRows });
};

describe('the history', () => {
  test('keeps a day until all of it is too old', () => {
    expect(dropped([1, 1, 1, 1], 1, 100)).toEqual(['2026-11-19', '2026-11-20']);
    expect(dropped([1, 1, 1, 1], 3, 100)).toEqual([]);
  });

  test('drops the oldest days until the rest fits the size', () => {
    expect(dropped([50, 50, 50, 50], 90, 150)).toEqual(['2026-11-19']);
    expect(dropped([50, 50, 50, 50], 90, 149)).toEqual(['2026-11-19', '2026-11-20']);
  });

  test('keeps today, however much it holds', () => {
    expect(dropped([0, 1, 1_000], 90, 10)).toEqual(['2026-11-21']);
  });

  test('drops only from the old end, and only what it must', () => {
    const rowsByDay = fc.array(fc.nat(100), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(rowsByDay, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 500 }), (rows, age, size) => {
        const { days } = history(rows);
        const gone = new Set(dropped(rows, age, size));
        const rest = rows.filter((_, i) => !gone.has(days[i]!.day)).reduce((sum, n) => sum + n, 0);
        expect(gone.has(TODAY)).toBe(false);
        expect(rest <= size || rest === rows.at(-1)).toBe(true);
        const young = days.filter(({ day }) => Date.parse(dayAfter(day)) > NOW.getTime() - age * 86_400_000);
        const total = rows.reduce((sum, n) => sum + n, 0);
        if (total <= size) expect(young.some(({ day }) => gone.has(day))).toBe(false);
      }),
    );
  });

  test('has today and the next two days ready', () => {
    expect(daysNeeded(NOW)).toEqual(['2026-11-22', '2026-11-23', '2026-11-24']);
    expect(daysNeeded(new Date('2026-12-31T23:59:59.999Z')).at(-1)).toBe('2027-01-02');
  });
});
