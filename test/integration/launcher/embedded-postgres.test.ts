// The embedded PostgreSQL, really started: what survives, what is refused, and in which words.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../../launcher/embedded-postgres.ts';
import { stopOrphan } from '../../../launcher/postgres-pidfile.ts';
import { packageRoot } from '../../../schema/sources.ts';
import { freePort } from '../../support/free-ports.ts';

const leftovers: (() => Promise<void> | void)[] = [];

function aFolder(mode = 0o711): string {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'murmur-pg-'));
  fs.chmodSync(home, mode); // 0711: as root PostgreSQL is another user
  const folder = path.join(home, 'postgres');
  leftovers.push(() => {
    removeEmbeddedPostgres(folder);
    fs.rmSync(home, { recursive: true, force: true });
  });
  return folder;
}

async function start(folder: string, changes: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder, port: await freePort(), durable: false, ...changes });
  leftovers.push(() => server.stop());
  return server;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  while (leftovers.length > 0) await leftovers.pop()?.();
});

describe('the embedded PostgreSQL', { timeout: 60_000 }, () => {
  it('keeps its data and its password over a restart', async () => {
    const folder = aFolder();
    const first = await start(folder, { durable: true });
    expect(first).toMatchObject({ version: expect.stringMatching(/^18\./), isNew: true, place: folder });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start(folder, { durable: true });
    expect(second.isNew).toBe(false);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(fs.statSync(`${folder}.password`).mode & 0o777).toBe(0o600);
  });

  it('lets nobody in without the password and listens on loopback only', async () => {
    const server = await start(aFolder());
    const stranger = server.url.replace(/murmur:[^@]+@/, 'murmur:guess@');
    await expect(query(stranger, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
    expect(await query(server.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  it('sorts and folds alike everywhere', async () => {
    const { url } = await start(aFolder());
    expect(await query(url, `SELECT upper('é') AS u, 'a' < 'B' AS by_locale`)).toEqual([{ u: 'É', by_locale: false }]);
  });

  it('refuses a second server on the same folder and leaves the first alone', async () => {
    const folder = aFolder();
    const first = await start(folder);
    await expect(start(folder)).rejects.toThrow(/already runs on .* \(pid \d+\): stop it first/);
    expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a taken port by name', async () => {
    const { port } = await start(aFolder());
    await expect(start(aFolder(), { port })).rejects.toThrow(`Port ${port} (PostgreSQL) is taken by another program`);
  });

  it('loses no committed row when it is killed', async () => {
    const folder = aFolder();
    const first = await start(folder, { durable: true });
    await query(first.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });
    const second = await start(folder, { durable: true });
    expect(await query(second.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
  });

  it('begins again after an initdb that was killed halfway', async () => {
    const folder = aFolder();
    const halfMade = `${folder}.init-${deadPid()}`;
    fs.mkdirSync(path.join(halfMade, 'cluster'), { recursive: true });
    fs.writeFileSync(path.join(halfMade, 'cluster', 'PG_VERSION'), '18\n');
    const server = await start(folder);
    expect(server.isNew).toBe(true);
    expect(fs.existsSync(halfMade)).toBe(false);
  });

  it('does not trust a pid file that names another program', async () => {
    const folder = aFolder();
    await (await start(folder)).stop();
    fs.writeFileSync(path.join(folder, 'postmaster.pid'), `${process.pid}\n${folder}\n1\n5432\n\n127.0.0.1\n\nready\n`);
    const again = await start(folder);
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.skipIf(process.platform !== 'linux')('goes when its launcher is killed', async () => {
    const folder = aFolder();
    const launcher = `
      import { startEmbeddedPostgres } from './launcher/embedded-postgres.ts';
      await startEmbeddedPostgres({ folder: ${JSON.stringify(folder)}, port: ${await freePort()}, durable: false });
      process.kill(process.pid, 'SIGKILL');`;
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', launcher], {
      cwd: packageRoot,
    });
    expect(run.signal, String(run.stderr)).toBe('SIGKILL');
    await stopOrphan(folder); // waits where the kernel's signal is still under way
    expect((await start(folder)).isNew).toBe(false);
  });
});

describe('a damaged folder of PostgreSQL is told apart and left as it is', { timeout: 60_000 }, () => {
  it('holds something else', async () => {
    const folder = aFolder();
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'thesis.txt'), 'years of work');
    await expect(start(folder)).rejects.toThrow(
      /damaged: it is not empty and has no PG_VERSION.*Nothing was changed.*--fresh/s,
    );
    expect(fs.readFileSync(path.join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('is of another major version', async () => {
    const folder = aFolder();
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, 'PG_VERSION'), '15\n');
    await expect(start(folder)).rejects.toThrow(
      /made by PostgreSQL 15 and this is PostgreSQL 18\. Nothing was changed/,
    );
  });

  it('lost its control file', async () => {
    const folder = aFolder();
    await (await start(folder)).stop();
    fs.renameSync(path.join(folder, 'global', 'pg_control'), path.join(folder, 'global', 'pg_control.lost'));
    await expect(start(folder)).rejects.toThrow(
      /does not start on .*postgres: .*\nNothing was removed there.*--fresh/s,
    );
  });

  it('lost its password', async () => {
    const folder = aFolder();
    await (await start(folder)).stop();
    fs.rmSync(`${folder}.password`);
    await expect(start(folder)).rejects.toThrow(
      /damaged: the password of its database, postgres\.password, is missing/,
    );
  });
});

describe.skipIf(process.getuid?.() !== 0)('as root', { timeout: 60_000 }, () => {
  it('keeps the files where another user may go when the folder is closed to others', async () => {
    const server = await start(aFolder(0o700));
    expect(server.place).toMatch(/^\/var\/tmp\/murmuration-[0-9a-f]{16}\/postgres$/);
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

/** Of a process that has just ended. */
const deadPid = (): number => spawnSync('true').pid;
