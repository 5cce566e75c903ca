// Many processes start at once on a server that has none of their databases.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { centreTables, edgeTables } from '../../../subgraphs/migrate.ts';
import { databaseUrl } from '../../../subgraphs/runtime/database.ts';
import { leftovers } from '../../support/leftovers.ts';
import { uniquePrefix } from '../../support/settings.ts';

const PROCESSES = 4;
const TIMES = 5; // each process starts as five would: twenty starts, of four subgraphs each
const left = leftovers();

test('twenty starts from four processes all succeed, and every migration runs once', async () => {
  const url = inject('databaseUrl');
  const database = uniquePrefix();
  const children = Array.from({ length: PROCESSES }, () => aProcess([url, database, String(TIMES)]));
  await Promise.all(children.map(child => once(child, 'message')));
  const answers = children.map(child => once(child, 'message'));
  for (const child of children) child.send('go');
  const codes = await Promise.all(children.map(async child => (await once(child, 'exit'))[0]));
  expect(codes).toEqual(Array(PROCESSES).fill(0));
  const ran = (await Promise.all(answers)).map(([message]) => (message as { ran: number }).ran);
  const tables = [...centreTables, ...edgeTables];
  const migrations = tables.reduce((sum, { migrations }) => sum + migrations.length, 0);
  expect(ran.reduce((sum, n) => sum + n, 0)).toBe(migrations);
  const client = new pg.Client({ connectionString: databaseUrl(url, database) });
  await client.connect();
  left.add(() => client.end());
  for (const { schema, migrations } of tables) {
    const { rows } = await client.query(`select name from ${schema}.migrations order by id`);
    expect(rows.map(row => row.name)).toEqual(migrations.map(Migration => new Migration().name));
  }
});

function aProcess(args: readonly string[]): ChildProcess {
  const file = path.join(import.meta.dirname, 'start-many.ts');
  const child = fork(file, args, { execArgv: ['--import', 'tsx'], env: process.env });
  left.add(() => child.kill());
  return child;
}
