// Every process killed under a storm, again and again: what a region acknowledged is delivered, once and in order.

import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { centreDatabase, regionDatabase } from '../../subgraphs/runtime/database.ts';
import { leftovers } from '../support/leftovers.ts';
import { eventually } from '../support/wait.ts';
import { beginStorm, expectDelivered } from './storm.ts';
import { aStormStack, type StormStack } from './storm-stack.ts';

const PER_SECOND = 100; // transitions; the parts start again beside it on the same machine
const GATEWAY_KILLS = 50;
const KILLS = 5;

const left = leftovers();
let storms: StormStack;

beforeAll(async () => {
  storms = await aStormStack(left, { env: { MURMUR_LAUNCHER_RESTART_MS: '200' } });
});

/** Carries out `harm` under a storm, then asks the oracle; answers how often the client had to connect. */
async function underStorm(harm: (delivered: () => number) => Promise<void>): Promise<number> {
  const { feed, after } = await storms.follow();
  const storm = beginStorm(storms.regions, PER_SECOND);
  await harm(() => feed.events.length);
  expect(await storm.end()).toBeGreaterThan(0);
  await expectDelivered(feed, storms.regions, after, storm);
  await feed.close();
  return feed.connections();
}

/** Kills, and waits until something came through again: each kill hits a feed at work. */
async function killTimes(times: number, part: () => string, delivered: () => number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const before = delivered();
    await storms.kill(part());
    await eventually('the feed goes on', () => delivered() > before, 120_000);
  }
}

test(`kill -9 of the gateway, ${GATEWAY_KILLS} times: the client resumes with its cursor`, async () => {
  const connections = await underStorm(delivered => killTimes(GATEWAY_KILLS, () => ' gateway', delivered));
  expect(connections).toBeGreaterThan(GATEWAY_KILLS);
});

test('kill -9 of a region, of the fleet service, which leads the mirror, and of both', async () => {
  const [first] = storms.regions;
  await underStorm(async delivered => {
    await killTimes(KILLS, () => ` region ${first!.id}`, delivered);
    await killTimes(KILLS, () => ' fleet', delivered);
    await Promise.all([storms.kill(' fleet'), storms.kill(` region ${first!.id}`)]);
    await killTimes(1, () => ' gateway', delivered);
  });
});

test("kill -9 of a backend of PostgreSQL, the centre's and a region's: nothing acknowledged is lost", async () => {
  const { stack, regions } = storms;
  const databases = [centreDatabase('murmuration'), regionDatabase('murmuration', regions[0]!.id)];
  await underStorm(async delivered => {
    for (const database of databases) {
      const before = delivered();
      const backends = () => backendsOf(stack.place.data, stack.place.postgres, database);
      const pid = await eventually('a backend, once the server is back', async () => (await backends())[0], 60_000);
      process.kill(pid, 'SIGKILL'); // the server then ends all others and recovers
      await eventually('the feed goes on', () => delivered() > before, 120_000);
      await pause(2_000);
    }
  });
});

test('kill -9 of the whole PostgreSQL server: nothing acknowledged is lost', async () => {
  await underStorm(async delivered => {
    for (let i = 0; i < 2; i++) {
      const before = delivered();
      await storms.kill('postgres -D');
      await eventually('the feed goes on', () => delivered() > before + 100, 180_000);
    }
  });
});

async function backendsOf(data: string, port: number, database: string): Promise<number[]> {
  const password = fs.readFileSync(path.join(data, 'postgres.password'), 'utf8').trim();
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'murmur', password, database: 'postgres' });
  client.on('error', () => undefined); // it ends with the server
  try {
    await client.connect();
    const { rows } = await client.query(
      "select pid from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
      [database],
    );
    return rows.map(({ pid }) => pid);
  } finally {
    await client.end().catch(() => undefined);
  }
}
