// `murmur migrate` on a data folder: starts PostgreSQL for as long as it takes, or uses the one that runs.
import fs from 'node:fs';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { migrateDatabases } from '../../../launcher/migrate.ts';
import type { Direction } from '../../../launcher/migrate-step.ts';
import { createScreen } from '../../../launcher/screen.ts';
import { loadConfig } from '../../../runtime/config.ts';
import { openLog } from '../../../runtime/log.ts';
import { aStackHome, launch, processesOf, type StackHome, untilNoneIsLeft } from './launched-stack.ts';

const leftovers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  while (leftovers.length > 0) await leftovers.pop()?.();
});

async function aHome(): Promise<StackHome> {
  const home = await aStackHome();
  leftovers.push(() => home.remove());
  return home;
}

/** Migrations that only look whether there is a server, and note what they were asked for. */
async function migrate(home: StackHome, direction: Direction = 'up') {
  let said = '';
  const asked: { direction: Direction; regions: readonly string[] }[] = [];
  const config = loadConfig({ env: {}, flags: home.settings });
  await migrateDatabases({
    config,
    direction,
    log: openLog({ log: { level: 'silent' } }, {}),
    screen: createScreen({
      out: {
        write(text) {
          said += text;
        },
      },
    }),
    loadMigrate: async () => async o => {
      const client = new pg.Client({ connectionString: o.config.database.url });
      await client.connect();
      await client.end();
      asked.push({ direction: o.direction, regions: o.regions });
      o.onDatabase?.('centre', 2);
      for (const region of o.regions) o.onDatabase?.(region, 0);
    },
  });
  return { said, asked };
}

describe.skipIf(process.platform !== 'linux')('migrating a data folder', { timeout: 60_000 }, () => {
  it('starts PostgreSQL, tells each database and stops it again', async () => {
    const home = await aHome();
    const { said, asked } = await migrate(home, 'down');
    expect(asked).toEqual([{ direction: 'down', regions: ['paris-1', 'lagos-1'] }]);
    expect(said).toMatch(/ {2}centre: 2 reverted\n {2}paris-1: nothing to do\n {2}lagos-1: nothing to do\n/);
    expect(processesOf(home)).toEqual([]);
    expect(fs.readdirSync(home.data)).not.toContain('launcher.lock');
  });

  it('uses the server of a running stack and leaves it running', async () => {
    const home = await aHome();
    const stack = launch(home);
    leftovers.push(async () => {
      stack.child.kill('SIGKILL');
      await stack.ended;
      await untilNoneIsLeft(home);
    });
    await stack.until(/Ctrl-C stops everything/);
    const { said } = await migrate(home);
    expect(said).toMatch(/Murmuration runs on .* its server is used/);
    stack.child.kill('SIGTERM');
    expect(await stack.ended).toBe(0);
  });
});
