// Transactions on pipelined connections: sent together, all or nothing, and the first failure is the one that is told.
import type { DataSource } from 'typeorm';
import { beforeAll, expect, test } from 'vitest';
import { faultsTables } from '../../../subgraphs/edge/faults/tables.ts';
import { openDatabase } from '../../../subgraphs/runtime/database.ts';
import { transaction } from '../../../subgraphs/runtime/transaction.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';

const left = leftovers();
let dataSource: DataSource;

beforeAll(async () => {
  const { url, prefix } = testConfig().database;
  const database = `${prefix}_transaction`;
  dataSource = await openDatabase({ url: url!, database, tables: faultsTables, poolSize: 1, log: quiet });
  left.add(() => dataSource.destroy());
  await dataSource.query('create table note (n serial, text text unique)');
});

const add = 'insert into note (text) values ($1)';
const texts = async () =>
  (await dataSource.query('select text from note order by n')).map((row: { text: string }) => row.text);

test('statements that are sent together are carried out in their order, and later ones before the commit', async () => {
  const answer = await transaction(dataSource, async tx => {
    tx.later(tx.query(add, ['first']));
    await Promise.all([tx.query(add, ['second']), tx.query(add, ['third'])]);
    tx.later(tx.query(add, ['fourth']));
    return 'answer';
  });
  expect(answer).toBe('answer');
  expect(await texts()).toEqual(['first', 'second', 'third', 'fourth']);
});

test.each([
  ['in what nobody waited for', []],
  ['in what nobody waited for, and then in all that came after it', ['after']],
])(
  'a failure %s is what the transaction fails with; nothing is stored and the connection goes on',
  async (_, after) => {
    const before = await texts();
    const failing = transaction(dataSource, async tx => {
      await tx.query(add, ['gone']);
      tx.later(tx.query(add, ['first'])); // is there already
      for (const text of after) await tx.query(add, [text]);
    });
    await expect(failing).rejects.toThrow('duplicate key');
    expect(await texts()).toEqual(before);
  },
);

test('what the work throws takes back all that was sent', async () => {
  const before = await texts();
  const failing = transaction(dataSource, async tx => {
    tx.later(tx.query(add, ['gone']));
    throw new Error('changed its mind');
  });
  await expect(failing).rejects.toThrow('changed its mind');
  expect(await texts()).toEqual(before);
});

test('a commit that is refused fails', async () => {
  await dataSource.query('create table rule (n int, constraint rule_one unique (n) deferrable initially deferred)');
  const failing = transaction(dataSource, async tx => {
    await tx.query('insert into rule values (1), (1)');
  });
  await expect(failing).rejects.toThrow('rule_one');
});
