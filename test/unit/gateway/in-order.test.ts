import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../gateway/subscriptions/in-order.ts';
import { eventually } from '../../support/wait.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

/** Counts what was read of it and whether it was told to stop; never ends by itself. */
function endless() {
  const seen = { read: 0, stopped: false };
  async function* source(): AsyncGenerator<number> {
    try {
      for (;;) yield seen.read++;
    } finally {
      seen.stopped = true;
    }
  }
  return { seen, source: source() };
}

describe('inOrder', () => {
  it('keeps the order of the source, however long each item takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 8 }),
        async (delays, atOnce) => {
          const work = async (i: number) => {
            await pause(delays[i]!);
            return i;
          };
          const got: number[] = [];
          for await (const item of inOrder(numbers(delays.length), work, atOnce)) got.push(item);
          expect(got).toEqual(delays.map((_, i) => i));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('has no more than the window under way, and uses all of it', async () => {
    let underWay = 0;
    let most = 0;
    const work = async (i: number) => {
      most = Math.max(most, ++underWay);
      await pause(1);
      underWay--;
      return i;
    };
    for await (const _ of inOrder(numbers(40), work, 4));
    expect(most).toBe(4);
  });

  it('reads no further ahead than the window while the consumer waits', async () => {
    const { seen, source } = endless();
    const results = inOrder(source, async i => i, 4);
    await results.next();
    await pause(20);
    expect(seen.read).toBeLessThanOrEqual(1 + 4);
    await results.return(undefined);
  });

  it('stops the source when the consumer leaves', async () => {
    const { seen, source } = endless();
    for await (const item of inOrder(source, async i => i, 4)) if (item === 2) break;
    expect(seen.stopped).toBe(true);
  });

  it('stops the source when the consumer leaves while it waits for a quiet source', async () => {
    let stopped = false;
    let end: (result: IteratorReturnResult<undefined>) => void = () => undefined;
    const quiet: AsyncIterableIterator<number> = {
      next: () => new Promise(resolve => (end = resolve)),
      return: async () => {
        stopped = true;
        end({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => quiet,
    };
    const results = inOrder(quiet, async i => i, 4);
    const pending = results.next();
    await results.return(undefined);
    expect(stopped).toBe(true);
    expect((await pending).done).toBe(true);
  });

  it('throws the failure of an item at its turn, after what came before, and stops the source', async () => {
    const { seen, source } = endless();
    const work = async (i: number) => {
      if (i === 2) throw new Error('third');
      await pause(5);
      return i;
    };
    const got: number[] = [];
    const all = (async () => {
      for await (const item of inOrder(source, work, 4)) got.push(item);
    })();
    await expect(all).rejects.toThrow('third');
    expect(got).toEqual([0, 1]);
    await eventually('the source is stopped', () => seen.stopped, 1_000);
  });

  it('throws the failure of the source after the results of what it gave', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 0;
      yield 1;
      throw new Error('source broke');
    }
    const got: number[] = [];
    const all = (async () => {
      for await (const item of inOrder(broken(), async i => i, 4)) got.push(item);
    })();
    await expect(all).rejects.toThrow('source broke');
    expect(got).toEqual([0, 1]);
  });
});
