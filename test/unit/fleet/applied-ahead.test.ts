// What may be under way while its reader goes on: bounded, waited for, and ended by the first failure.
import { expect, test } from 'vitest';
import { appliedAhead } from '../../../subgraphs/runtime/applied-ahead.ts';

/** A store that ends when told to. */
function aStore(): { stored: Promise<void>; done(): void; fail(error: Error): void } {
  let done: () => void = () => {};
  let fail: (error: Error) => void = () => {};
  const stored = new Promise<void>((resolve, reject) => {
    [done, fail] = [resolve, reject];
  });
  return { stored, done, fail };
}

/** Whether it has ended once everything that can happen has happened. */
async function hasEnded(promise: Promise<unknown>): Promise<boolean> {
  let ended = false;
  promise.then(
    () => (ended = true),
    () => (ended = true),
  );
  await new Promise(resolve => setImmediate(resolve));
  return ended;
}

test('goes on while there is room, and waits for room when there is none', async () => {
  const ahead = appliedAhead();
  const [first, second] = [aStore(), aStore()];
  await ahead.push(600, first.stored);
  const full = ahead.push(600, second.stored);
  expect(await hasEnded(full)).toBe(false);
  first.done();
  await full;
  second.done();
});

test('is settled when all is stored, and only then', async () => {
  const ahead = appliedAhead();
  await ahead.settled();
  const stores = [aStore(), aStore()];
  for (const { stored } of stores) await ahead.push(1, stored);
  stores[1]!.done();
  const settled = ahead.settled();
  expect(await hasEnded(settled)).toBe(false);
  stores[0]!.done();
  await settled;
});

test('fails with the first failure, at whatever comes next', async () => {
  const ahead = appliedAhead();
  const [bad, later] = [aStore(), aStore()];
  await ahead.push(1, bad.stored);
  bad.fail(new Error('not there'));
  await expect(ahead.settled()).rejects.toThrow('not there');
  later.fail(new Error('because of the first'));
  await expect(ahead.push(1, later.stored)).rejects.toThrow('not there');
});

test('fails also while it waits for room', async () => {
  const ahead = appliedAhead();
  const big = aStore();
  const full = ahead.push(5_000, big.stored);
  big.fail(new Error('cut off'));
  await expect(full).rejects.toThrow('cut off');
});
