import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataFolder, STACK_FILE } from '../../../launcher/data-folder.ts';
import { MARKER_FILE } from '../../../launcher/data-marker.ts';
import { holderOf, holdsStill, LOCK_FILE } from '../../../launcher/folder-lock.ts';
import { loadConfig } from '../../../runtime/config.ts';

let home: string;
let folder: string;
beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'murmur-data-'));
  fs.chmodSync(home, 0o711);
  folder = path.join(home, 'data');
});
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

const write = (name: string, text: string): void => fs.writeFileSync(path.join(folder, name), text);

describe('a data folder', () => {
  it('is made when missing, marked as ours and held while open', () => {
    const opened = openDataFolder({ folder });
    expect(fs.existsSync(path.join(folder, MARKER_FILE))).toBe(true);
    expect(holderOf(folder)?.pid).toBe(process.pid);
    opened.release();
    expect(holderOf(folder)).toBeNull();
  });

  it('is refused while another launcher holds it, also with --fresh', () => {
    const opened = openDataFolder({ folder });
    expect(() => openDataFolder({ folder, fresh: true })).toThrow(
      `Murmuration already runs on ${folder} (pid ${process.pid}): stop it first, or use --data`,
    );
    opened.release();
  });

  it('is taken over from a launcher that is gone', () => {
    openDataFolder({ folder }).release();
    write(LOCK_FILE, JSON.stringify({ pid: spawnSync('true').pid }));
    const opened = openDataFolder({ folder });
    expect(opened.tookOver).toBe(true);
    opened.release();
  });

  it('is taken over when the lock itself is damaged', () => {
    openDataFolder({ folder }).release();
    write(LOCK_FILE, '{"pid":');
    const opened = openDataFolder({ folder });
    expect(opened.tookOver).toBe(true);
    opened.release();
  });

  it("of somebody else is left alone, also with --fresh, and isn't held", () => {
    fs.mkdirSync(folder);
    write('thesis.txt', 'years of work');
    for (const fresh of [false, true])
      expect(() => openDataFolder({ folder, fresh })).toThrow(
        /no data folder of Murmuration: it holds thesis\.txt.*Nothing was changed/,
      );
    expect(fs.readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('that holds nothing but what an agent or a region keeps that ran alone becomes ours, and keeps it', () => {
    fs.mkdirSync(path.join(folder, 'agent-queue'), { recursive: true });
    write('agent-queue/event', 'raised');
    for (const name of ['agent-configuration', 'keys']) fs.mkdirSync(path.join(folder, name));
    openDataFolder({ folder }).release();
    expect(fs.readFileSync(path.join(folder, 'agent-queue', 'event'), 'utf8')).toBe('raised');
  });

  it.each([
    [MARKER_FILE, '{"product":'],
    [MARKER_FILE, '{"product":"else"}'],
    [STACK_FILE, 'not json'],
  ])('with a damaged %s (%s) says so, changes nothing and can begin anew', (file, text) => {
    openDataFolder({ folder }).release();
    write(file, text);
    expect(() => openDataFolder({ folder })).toThrow(/damaged: .*Nothing was changed\..*--fresh/);
    expect(fs.readFileSync(path.join(folder, file), 'utf8')).toBe(text);
    const opened = openDataFolder({ folder, fresh: true });
    opened.empty();
    opened.release();
    openDataFolder({ folder }).release();
  });

  it('whose database vanished says so instead of beginning a new one', () => {
    const opened = openDataFolder({ folder });
    opened.notePostgres(path.join(folder, 'postgres'));
    opened.release();
    expect(() => openDataFolder({ folder })).toThrow(/its database, .*postgres, is missing/);
  });

  it('can be moved', () => {
    const opened = openDataFolder({ folder });
    fs.mkdirSync(opened.postgres);
    opened.notePostgres(opened.postgres);
    opened.release();
    const moved = path.join(home, 'moved');
    fs.renameSync(folder, moved);
    const again = openDataFolder({ folder: moved });
    expect(again.postgresPlace()).toBe(path.join(moved, 'postgres'));
    again.release();
  });

  it('that is a copy does not share a database that is kept elsewhere', () => {
    const elsewhere = path.join(home, 'elsewhere');
    fs.mkdirSync(elsewhere);
    const opened = openDataFolder({ folder });
    opened.notePostgres(elsewhere);
    opened.release();
    fs.cpSync(folder, path.join(home, 'copy'), { recursive: true });
    expect(() => openDataFolder({ folder: path.join(home, 'copy') })).toThrow(/is a copy of .*cannot be shared/);
  });

  it('that is a file is refused', () => {
    fs.writeFileSync(folder, '');
    expect(() => openDataFolder({ folder })).toThrow(/is a file, no folder/);
  });

  it('keeps the settings of the stack from other users', () => {
    const opened = openDataFolder({ folder });
    opened.writeStack(loadConfig({ env: {} }));
    expect(fs.statSync(opened.stackFile).mode & 0o777).toBe(0o600);
    expect(loadConfig({ env: {}, file: opened.stackFile })).toEqual(loadConfig({ env: {} }));
    opened.release();
  });

  it('emptied keeps only its marker, its lock and an empty log folder', () => {
    const opened = openDataFolder({ folder });
    write('anything', '');
    opened.empty();
    expect(fs.readdirSync(folder).sort()).toEqual([LOCK_FILE, 'logs', MARKER_FILE].sort());
    opened.release();
  });
});

describe('whoever wrote a lock holds it still', () => {
  const processes = (alive: boolean, startedAt?: string) => ({ isAlive: () => alive, startedAt: () => startedAt });

  it.each([
    ['when the process is gone', { pid: 7, startedAt: '1' }, processes(false, '1'), false],
    ['when it is the same process', { pid: 7, startedAt: '1' }, processes(true, '1'), true],
    ['when the pid was used again', { pid: 7, startedAt: '1' }, processes(true, '2'), false],
    ['when the system does not tell start times', { pid: 7, startedAt: '1' }, processes(true), true],
    ['when the lock does not tell the start time', { pid: 7 }, processes(true, '2'), true],
  ])('%s: judged by pid and start time', (_case, holder, table, expected) => {
    expect(holdsStill(holder, table)).toBe(expected);
  });
});
