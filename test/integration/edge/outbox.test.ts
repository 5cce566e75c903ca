// The outbox under many writers: whatever they do and however they fail, readers see 1, 2, 3 … in commit order.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { databaseUrl, openDatabase } from '../../../subgraphs/runtime/database.ts';
import { type Outbox, openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';

const left = leftovers();
const WRITERS = 8;
const EACH = 30;
const CHANGED_ITS_MIND = 'changed its mind';
const config = testConfig();
const database = `${config.database.prefix}_outbox`;
let outbox: Outbox;

async function anOutbox(): Promise<Outbox> {
  const dataSource = await openDatabase({
    url: config.database.url!,
    database,
    tables: faultsTables,
    poolSize: WRITERS + 2,
    log: quiet,
  });
  left.add(() => dataSource.destroy());
  return openOutbox({ dataSource, channel: 'faults_outbox', now: () => new Date() });
}

beforeAll(async () => {
  outbox = await anOutbox();
});

/** Every fifth transaction changes its mind at the end; every third makes several changes. */
async function write(to: Outbox, writer: number, n: number): Promise<number> {
  const count = n % 3 === 0 ? 3 : 1;
  try {
    await to.transaction(async tx => {
      for (let i = 0; i < count; i++) tx.append('RAISED', `${writer}-${n}-${i}`, sequence => ({ sequence }));
      if (n % 4 === 0) await pause(1); // holds the head while others wait
      if (n % 5 === 0) throw new Error(CHANGED_ITS_MIND);
    });
    return count;
  } catch (error) {
    if ((error as Error).message === CHANGED_ITS_MIND) return 0;
    throw error; // two writers that take the same number fail here
  }
}

describe('eight writers of thirty transactions each, a fifth of them rolled back', () => {
  test('give a reader that polls all the while every change exactly once, without a gap, in order', async () => {
    const start = BigInt((await outbox.head()).sequence);
    const seen: { sequence: string; row: unknown }[] = [];
    let isDone = false;
    const reading = (async () => {
      for (let last = String(start), idle = false; !idle; ) {
        idle = isDone;
        const changes = await outbox.read(last, 7);
        seen.push(...changes);
        last = changes.at(-1)?.sequence ?? last;
        idle &&= changes.length === 0;
      }
    })();
    const counts = await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        let stored = 0;
        for (let n = 1; n <= EACH; n++) stored += await write(outbox, writer, n);
        return stored;
      }),
    );
    isDone = true;
    await reading;
    const stored = counts.reduce((sum, n) => sum + n, 0);
    const wanted = Array.from({ length: stored }, (_, i) => String(start + BigInt(i) + 1n));
    expect(seen.map(change => change.sequence)).toEqual(wanted);
    expect(seen.map(change => change.row)).toEqual(wanted.map(sequence => ({ sequence })));
    expect((await outbox.head()).sequence).toBe(wanted.at(-1));
  });

  test('keep each transaction together and each writer in its own order, across two processes', async () => {
    const second = await anOutbox();
    const before = (await outbox.head()).sequence;
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let n = 1; n <= EACH; n++) await write(writer % 2 ? outbox : second, writer, n);
      }),
    );
    const ids = (await outbox.read(before, 10_000)).map(change => change.entityId);
    for (let writer = 0; writer < WRITERS; writer++) {
      const own = ids.filter(id => id.startsWith(`${writer}-`)).map(id => Number(id.split('-')[1]));
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
    for (const [i, id] of ids.entries()) if (id.endsWith('-1')) expect(ids[i - 1]).toBe(id.replace(/1$/, '0'));
  });
});

describe('a transaction', () => {
  test('that throws leaves no change, no number and no hint', async () => {
    const listener = new pg.Client({ connectionString: databaseUrl(config.database.url!, database) });
    await listener.connect();
    left.add(() => listener.end());
    const hints: string[] = [];
    listener.on('notification', message => hints.push(message.payload ?? ''));
    await listener.query('listen faults_outbox');
    const before = await outbox.head();
    const broken = outbox.transaction(async tx => {
      tx.append('RAISED', 'never', () => ({}));
      await tx.sql.query('select 1 / 0');
    });
    await expect(broken).rejects.toThrow('division by zero');
    expect(await outbox.head()).toEqual(before);
    await outbox.transaction(async tx => tx.append('RAISED', 'after', () => ({})));
    const expected = String(BigInt(before.sequence) + 1n);
    await eventually('the hint of the good one', () => hints.includes(expected));
    expect(hints).toEqual([expected]);
    expect((await outbox.read(before.sequence, 10)).map(change => change.entityId)).toEqual(['after']);
  });

  test('that appends nothing takes no number', async () => {
    const before = await outbox.head();
    expect(await outbox.transaction(async () => 'answer')).toBe('answer');
    expect(await outbox.head()).toEqual(before);
  });
});
