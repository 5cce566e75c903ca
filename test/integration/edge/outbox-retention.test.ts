// An outbox that is pruned: what goes, what stays, and that nobody waits for it.
import { beforeAll, describe, expect, test } from 'vitest';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { type Outbox, openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { pruneOutbox } from '../../../subgraphs/runtime/outbox-retention.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

const left = leftovers();
const DAY_MS = 86_400_000;
let outbox: Outbox;
let today = new Date('2026-01-01T00:00:00Z');

beforeAll(async () => {
  const config = testConfig();
  const dataSource = await openDatabase({
    url: config.database.url!,
    database: config.database.prefix,
    tables: faultsTables,
    poolSize: 4,
    log: quiet,
  });
  left.add(() => dataSource.destroy());
  outbox = openOutbox({ dataSource, channel: 'faults_outbox', now: () => today });
});

const append = (count: number): Promise<void> =>
  outbox.transaction(async tx => {
    for (let i = 0; i < count; i++) tx.append('RAISED', 'x', sequence => ({ sequence }));
  });
const kept = async (): Promise<string[]> => (await outbox.read('0', 10_000)).map(change => change.sequence);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => String(from + i));
const never = new Date(0).toISOString();

// One story, told in order.
describe('an outbox', () => {
  test('that was never written or pruned keeps all', async () => {
    expect(await outbox.kept()).toMatchObject({ sequence: '0', oldest: '0' });
    expect(await outbox.prune(new Date().toISOString(), 1, 100)).toBe(0);
  });

  test('loses what is over its age, oldest first, a batch at a time', async () => {
    await append(5);
    today = new Date(today.getTime() + DAY_MS);
    await append(5);
    expect(await outbox.prune(today.toISOString(), 1_000, 3)).toBe(3);
    expect(await kept()).toEqual(numbers(4, 10));
    expect(await outbox.kept()).toMatchObject({ sequence: '10', oldest: '3' });
    expect(await outbox.prune(today.toISOString(), 1_000, 3)).toBe(2);
    expect(await outbox.prune(today.toISOString(), 1_000, 3)).toBe(0);
    expect(await kept()).toEqual(numbers(6, 10));
  });

  test('loses what is over its number', async () => {
    expect(await outbox.prune(never, 3, 100)).toBe(2);
    expect(await kept()).toEqual(numbers(8, 10));
  });

  test('keeps its count and its epoch when all of it is gone', async () => {
    const { epoch } = await outbox.head();
    expect(await outbox.prune(new Date(today.getTime() + 1).toISOString(), 1_000, 100)).toBe(3);
    expect(await outbox.kept()).toEqual({ sequence: '10', oldest: '10', epoch });
    await append(2);
    expect(await outbox.kept()).toEqual({ sequence: '12', oldest: '10', epoch });
  });

  test('keeps a change after one that is kept, though its clock was set back', async () => {
    today = new Date(today.getTime() - 30 * DAY_MS);
    await append(1);
    today = new Date(today.getTime() + 30 * DAY_MS);
    expect(await outbox.prune(today.toISOString(), 1_000, 100)).toBe(0);
    expect(await kept()).toEqual(numbers(11, 13));
  });

  test('is pruned while a writer holds it, and the writer goes on', async () => {
    let release = (): void => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    let isHeld = false;
    const writing = outbox.transaction(async tx => {
      tx.append('RAISED', 'x', sequence => ({ sequence }));
      isHeld = true;
      await held;
    });
    await eventually('the writer', () => isHeld);
    expect(await outbox.prune(never, 1, 100)).toBe(2);
    release();
    await writing;
    expect(await kept()).toEqual(numbers(13, 14));
  });

  test('is pruned by the sweep in as many batches as it takes', async () => {
    await append(2_500);
    const stop = pruneOutbox({ outbox, keepHours: 24, keepChanges: 10, log: quiet, now: () => today });
    await eventually('the sweep', async () => (await kept()).length === 10);
    await stop();
    expect((await outbox.kept()).oldest).toBe('2504');
  });
});

describe('a view', () => {
  test('sees one head and its rows, whatever is written and pruned meanwhile', async () => {
    const seen = await outbox.view(async view => {
      await append(3);
      await outbox.prune(never, 1, 10_000);
      return { head: view.head, changes: await view.read(view.head.oldest, 100) };
    });
    expect(seen.changes.map(change => change.sequence)).toEqual(numbers(2505, 2514));
    expect(seen.head).toMatchObject({ sequence: '2514', oldest: '2504' });
    expect(await outbox.kept()).toMatchObject({ sequence: '2517', oldest: '2516' });
  });

  test('that fails lets the next one in', async () => {
    await expect(outbox.view(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await outbox.view(async ({ head }) => head.sequence)).toBe('2517');
  });
});
