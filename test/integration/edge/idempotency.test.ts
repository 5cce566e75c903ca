// Idempotency keys are kept for a day and then forgotten.

import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { softwareTables } from '../../../subgraphs/edge/software/tables.ts';
import { openDatabase, regionDatabase } from '../../../subgraphs/runtime/database.ts';
import { once, sweepKeys } from '../../../subgraphs/runtime/idempotency.ts';
import { quiet, testConfig } from '../../support/settings.ts';

let dataSource: DataSource;

beforeAll(async () => {
  const { database } = testConfig();
  dataSource = await openDatabase({
    url: database.url!,
    database: regionDatabase(database.prefix, 'lagos-1'),
    tables: softwareTables,
    poolSize: 2,
    log: quiet,
  });
});
afterAll(() => dataSource.destroy());

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => () => new Date(Date.now() + hours * HOUR_MS);

/** How often the work ran for two calls with one key. */
async function runs(key: string): Promise<number> {
  let times = 0;
  const work = async () => {
    times += 1;
    return { userErrors: [] };
  };
  for (let i = 0; i < 2; i++) await once(dataSource, 'test', key, {}, error => ({ userErrors: [error] }), work);
  return times;
}

test('a key is good for a day, and a sweep after that lets it be used again', async () => {
  expect(await runs('k')).toBe(1);
  await sweepKeys(dataSource, quiet, inHours(23))();
  expect(await runs('k')).toBe(0);
  await sweepKeys(dataSource, quiet, inHours(25))();
  expect(await runs('k')).toBe(1);
});
