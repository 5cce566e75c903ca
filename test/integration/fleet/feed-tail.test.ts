// The end of the feed log in memory: what the mirror hands over and what is read from the table are one sequence.
import type { DataSource } from 'typeorm';
import { beforeAll, expect, test } from 'vitest';
import type { LoggedEvent } from '../../../subgraphs/central/fleet/feed/feed-store.ts';
import { openFeedTail } from '../../../subgraphs/central/fleet/feed/feed-tail.ts';
import { appendFeed, FEED_CHANNEL, lockFeed } from '../../../subgraphs/central/fleet/mirror/mirror-store.ts';
import { fleetTables } from '../../../subgraphs/central/fleet/tables.ts';
import { databaseUrl, openDatabase } from '../../../subgraphs/runtime/database.ts';
import { openListener } from '../../../subgraphs/runtime/listener.ts';
import type { Sql } from '../../../subgraphs/runtime/sql.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet, testConfig } from '../../support/settings.ts';

const left = leftovers();
const at = '2026-01-01T00:00:00.000Z';
const stale = { kind: 'REGION_STALE', at, alarm: null };
let dataSource: DataSource;
let url: string;

beforeAll(async () => {
  const { url: server, prefix } = testConfig().database;
  dataSource = await openDatabase({ url: server!, database: prefix, tables: fleetTables, poolSize: 4, log: quiet });
  left.add(() => dataSource.destroy());
  url = databaseUrl(server!, prefix);
});

const append = (...regions: string[]): Promise<bigint> =>
  dataSource.transaction(async tx => {
    await lockFeed(tx);
    return appendFeed(
      tx,
      regions.map(region => ({ ...stale, region })),
    );
  });
const event = (position: bigint, region: string): LoggedEvent => ({ ...stale, region, position: String(position) });

/** A tail, how often the log was read for it, and all that it tells after its beginning. */
async function aTail() {
  const begin = await append('begin');
  let reads = 0;
  const counting: Sql = {
    query: (text, parameters) => {
      if (text.includes('feed.read')) reads++;
      return dataSource.query(text, parameters);
    },
  };
  const listener = await openListener(url, [FEED_CHANNEL], quiet);
  left.add(() => listener.close());
  const tail = await openFeedTail(counting, listener, quiet);
  left.add(() => tail.close());
  const from = begin + 1n;
  const told = async (count: number): Promise<string[]> => {
    const found: LoggedEvent[] = [];
    while (found.length < count) {
      const after = from + BigInt(found.length);
      await tail.wait(after, 10_000);
      found.push(...(await tail.read(after)));
    }
    expect(found.map(({ position }) => BigInt(position) - from)).toEqual(found.map((_, i) => BigInt(i + 1)));
    return found.map(({ region }) => region);
  };
  return { tail, from, told, reads: () => reads };
}

test('what is handed over next is told at once, without the table', async () => {
  const { tail, from, told, reads } = await aTail();
  tail.add([event(from + 1n, 'a'), event(from + 2n, 'b')]);
  tail.add([event(from + 3n, 'c')]);
  expect(await told(3)).toEqual(['a', 'b', 'c']);
  expect(reads()).toBe(0);
  await append('a', 'b', 'c'); // keeps the log as the others need it
});

test('what others wrote in between comes from the table, and nothing is told twice', async () => {
  const { tail, told, from } = await aTail();
  tail.add([event(from + 1n, 'a')]);
  tail.add([event(from + 3n, 'c')]); // the one before it is not known here
  expect(await tail.read(from + 1n)).toEqual([]);
  await append('a', 'b'); // 'b' by another replica: only its hint comes
  const before = await append('c');
  tail.add([event(before + 1n, 'c')]); // before or after that hint
  expect(await told(3)).toEqual(['a', 'b', 'c']);
  tail.add([event(from + 1n, 'a')]); // late
  expect(await told(3)).toEqual(['a', 'b', 'c']);
});

test('what is handed over while the table is read is told once', async () => {
  const { tail, told, from } = await aTail();
  for (let i = 1; i <= 40; i++) {
    const region = `r${i}`;
    await append(region); // its hint begins a reading
    tail.add([event(from + BigInt(i), region)]);
  }
  expect(await told(40)).toEqual(Array.from({ length: 40 }, (_, i) => `r${i + 1}`));
});
