import fc from 'fast-check';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { fearedOperations } from '../../../gateway/engine/feared-operations.ts';
import { planQueue } from '../../../gateway/engine/plan-queue.ts';

const aQueue = (items: readonly string[], limits = { atOnce: 2, waiting: 10 }) => {
  const queue = planQueue<string>(limits);
  for (const item of items) queue.add(item);
  return queue;
};
const items = (begun: readonly (readonly [number, string])[]): string[] => begun.map(([, item]) => item);

describe('what waits for the planner', () => {
  it('begins in order, so many at once', () => {
    const queue = aQueue(['a', 'b', 'c']);
    const [[first]] = queue.begin() as [[number, string]];
    expect(queue.begin()).toEqual([]);
    expect(queue.finish(first)).toBe('a');
    expect(queue.finish(first)).toBeUndefined();
    expect(items(queue.begin())).toEqual(['c']);
  });

  it('is bounded; what is under way does not count', () => {
    const queue = aQueue(['a', 'b'], { atOnce: 1, waiting: 2 });
    expect(queue.add('c')).toBe(false);
    queue.begin();
    expect(queue.add('c')).toBe(true);
  });

  it('is planned again when the process died, and is to blame when it does so again', () => {
    const queue = aQueue(['a', 'b'], { atOnce: 1, waiting: 2 });
    queue.begin();
    expect(queue.died()).toBeUndefined();
    expect(items(queue.begin())).toEqual(['a']);
    expect(queue.died()).toBe('a');
    expect(items(queue.begin())).toEqual(['b']);
  });

  it('with others when the process died is planned alone like them, before what came later', () => {
    const queue = aQueue(['a', 'b', 'c', 'd']);
    queue.begin();
    expect(queue.died()).toBeUndefined();
    const [[a]] = queue.begin() as [[number, string]];
    expect(queue.begin()).toEqual([]);
    queue.finish(a);
    expect(items(queue.begin())).toEqual(['b']);
    expect(queue.died()).toBe('b');
    expect(items(queue.begin())).toEqual(['c', 'd']);
  });

  it('is not suspected when it is known why the process ended', () => {
    const queue = aQueue(['a', 'b', 'c'], { atOnce: 3, waiting: 10 });
    const [[a]] = queue.begin() as [[number, string]];
    queue.finish(a);
    queue.interrupt();
    expect(items(queue.begin())).toEqual(['b', 'c']);
  });

  it('dies of nothing when nothing was planned', () => {
    const queue = aQueue([]);
    expect(queue.died()).toBeUndefined();
    expect(queue.isEmpty()).toBe(true);
  });

  it('is planned, each item once, and only what kills is blamed: whatever kills, and however many are planned at once', () => {
    const killers = fc.uniqueArray(fc.nat(11), { maxLength: 12 });
    fc.assert(
      fc.property(
        killers,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.boolean()),
        (kill, atOnce, endsFirst) => {
          const queue = planQueue<number>({ atOnce, waiting: 12 });
          for (let item = 0; item < 12; item++) queue.add(item);
          const planned: number[] = [];
          const blamed: number[] = [];
          const underWay = new Map<number, number>();
          while (!queue.isEmpty()) {
            for (const [id, item] of queue.begin()) underWay.set(id, item);
            const killer = [...underWay.values()].some(item => kill.includes(item));
            const harmless = [...underWay].find(([, item]) => !kill.includes(item));
            if (killer && !(harmless && endsFirst.next().value)) {
              const culprit = queue.died();
              if (culprit !== undefined) blamed.push(culprit);
              underWay.clear();
            } else if (harmless) {
              planned.push(queue.finish(harmless[0])!);
              underWay.delete(harmless[0]);
            }
          }
          expect(blamed.sort()).toEqual(kill.toSorted());
          expect([...planned, ...blamed].sort((a, b) => a - b)).toEqual([...Array(12).keys()]);
        },
      ),
    );
  });
});

describe('a feared operation', () => {
  it('is known by its shape, whatever its name and values', () => {
    const feared = fearedOperations(() => 0);
    const operation = parse('query A($n: Int) { hosts(first: $n) { nodes { id } } }');
    expect(feared.fearOf(operation)).toBeUndefined();
    const { hash, text } = feared.add(operation, 'aborts');
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(text.replace(/\s+/g, ' ')).toBe('{ hosts { nodes { id } } }');
    expect(feared.fearOf(parse('query B { hosts(first: 7) { nodes { id } } }'))).toBe('aborts');
    expect(feared.fearOf(parse('{ hosts { nodes { hostname } } }'))).toBeUndefined();
    expect(feared.fearOf(parse('mutation { hosts { nodes { id } } }'))).toBeUndefined();
  });

  it('is tried again after a while when it was only slow', () => {
    let now = 0;
    const feared = fearedOperations(() => now);
    feared.add(parse('{ a }'), 'slow');
    feared.add(parse('{ b }'), 'aborts');
    expect(feared.fearOf(parse('{ a }'))).toBe('slow');
    now = 300_001;
    expect(feared.fearOf(parse('{ a }'))).toBeUndefined();
    expect(feared.fearOf(parse('{ b }'))).toBe('aborts');
  });
});
