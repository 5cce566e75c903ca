// What a process keeps of its own commits for the followers beside it: never a gap, never what is not certain.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshChanges } from '../../../subgraphs/runtime/fresh-changes.ts';

const at = '2026-01-01T00:00:00.000Z';
const written = (before: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const sequence = String(before + 1 + i);
    return { sequence, at, kind: 'RAISED', entityId: `a${sequence}`, row: JSON.stringify({ sequence }) };
  });
const numbers = (found: readonly { readonly sequence: string }[] | null) => found?.map(({ sequence }) => +sequence);

test('commits that follow each other are one run, handed out from the position that is asked for', () => {
  const fresh = freshChanges();
  fresh.add('4', written(4, 2));
  fresh.add('6', written(6, 1));
  expect(numbers(fresh.after('4', 10))).toEqual([5, 6, 7]);
  expect(numbers(fresh.after('5', 1))).toEqual([6]);
  expect(fresh.after('6', 10)).toEqual([{ sequence: '7', at, kind: 'RAISED', entityId: 'a7', row: { sequence: '7' } }]);
});

test('what is before the run or at its end must be read from the table', () => {
  const fresh = freshChanges();
  expect(fresh.after('0', 10)).toBeNull();
  fresh.add('4', written(4, 1));
  expect(fresh.after('3', 10)).toBeNull();
  expect(fresh.after('5', 10)).toBeNull();
});

test('commits of others in between, or heard of in another order, never make a gap', () => {
  const commits = fc.array(fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 150 })), { minLength: 1 });
  fc.assert(
    fc.property(commits, fc.nat(200), (all, after) => {
      const fresh = freshChanges();
      for (const [before, count] of all) fresh.add(String(before), written(before, count));
      const found = numbers(fresh.after(String(after), 1_000)) ?? [];
      expect(found).toEqual(found.map((_, i) => after + 1 + i));
    }),
  );
});

test('who follows is told the last number, until it leaves', () => {
  const fresh = freshChanges();
  const heard: string[] = [];
  const stop = fresh.on(last => heard.push(last));
  fresh.add('0', written(0, 3));
  stop();
  fresh.add('3', written(3, 1));
  expect(heard).toEqual(['3']);
});
