// `npm start` by itself: real processes, a real PostgreSQL, parts that only open their doors. Needs /proc.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  aStackHome,
  type LaunchedStack,
  launch,
  processesOf,
  type StackHome,
  untilNoneIsLeft,
} from './launched-stack.ts';

const UP = /Ctrl-C stops everything/;
const leftovers: (() => Promise<void> | void)[] = [];

async function aHome(changes = {}): Promise<StackHome> {
  const home = await aStackHome(changes);
  leftovers.push(() => home.remove());
  return home;
}

function start(home: StackHome, ...flags: string[]): LaunchedStack {
  const stack = launch(home, ...flags);
  leftovers.push(async () => {
    stack.child.kill('SIGKILL');
    await stack.ended;
    await untilNoneIsLeft(home);
  });
  return stack;
}

const pidOf = (home: StackHome, words: string): number =>
  processesOf(home).find(({ command }) => command.includes(` ${words}`))?.pid ?? 0;

afterEach(async () => {
  while (leftovers.length > 0) await leftovers.pop()?.();
});

describe.skipIf(process.platform !== 'linux')('npm start', { timeout: 60_000 }, () => {
  it('brings everything up, each region in a process that names it, and leaves none behind', async () => {
    const home = await aHome();
    const stack = start(home);
    await stack.until(UP);
    for (const words of [
      'fleet',
      'gateway',
      'region paris-1',
      'region lagos-1',
      'agent paris-1',
      'agent lagos-1 --simulated',
    ])
      expect(pidOf(home, `${words} --config`), words).toBeGreaterThan(0);
    expect(stack.said()).toMatch(/bound to 127\.0\.0\.1 only: no authentication/);
    expect(stack.said()).toMatch(/real agent: this machine/);
    const settings = path.join(home.data, 'stack.json');
    expect(fs.statSync(settings).mode & 0o777).toBe(0o600);
    stack.child.kill('SIGTERM');
    expect(await stack.ended).toBe(0);
    expect(processesOf(home)).toEqual([]);
    expect(fs.existsSync(path.join(home.data, 'launcher.lock'))).toBe(false);
  });

  it('refuses a second start on the same data and leaves the first alone', async () => {
    const home = await aHome();
    const first = start(home);
    await first.until(UP);
    const second = start(home, '--fresh');
    expect(await second.ended).toBe(1);
    expect(second.said()).toMatch(/already runs on .* \(pid \d+\): stop it first, or use --data/);
    expect(pidOf(home, 'region paris-1')).toBeGreaterThan(0);
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(0);
  });

  it('names every taken port at once and starts nothing', async () => {
    const home = await aHome();
    const taken = [home.settings.gateway.port, home.settings.database.port].map(port =>
      net.createServer().listen(port, '127.0.0.1'),
    );
    leftovers.push(() => taken.forEach(server => void server.close()));
    const stack = start(home);
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toContain(`Port ${home.settings.gateway.port} (gateway) is taken by another program`);
    expect(stack.said()).toContain(`Port ${home.settings.database.port} (PostgreSQL) is taken by another program`);
    expect(fs.existsSync(path.join(home.data, 'postgres'))).toBe(false);
  });

  it('starts a part and the database again when they die', async () => {
    const home = await aHome();
    const stack = start(home);
    await stack.until(UP);
    process.kill(pidOf(home, 'region lagos-1'), 'SIGKILL');
    await stack.until(/region lagos-1 ended \(SIGKILL\): again in 0\.2 s/);
    await stack.until(/region lagos-1 is up again \(pid \d+\)/);
    process.kill(pidOf(home, '-D'), 'SIGKILL');
    await stack.until(/PostgreSQL ended \(SIGKILL\): again in 0\.2 s/);
    await stack.until(/PostgreSQL is up again/);
    stack.child.kill('SIGTERM');
    expect(await stack.ended).toBe(0);
    expect(processesOf(home)).toEqual([]);
  });

  it('leaves dead what died with --no-supervise, and says how to start it by hand', async () => {
    const home = await aHome();
    const stack = start(home, '--no-supervise');
    await stack.until(UP);
    process.kill(pidOf(home, 'agent lagos-1'), 'SIGKILL');
    const [, command] = await stack.until(
      /stays dead \(--no-supervise\).*\n\s+(cd .* && node .* agent lagos-1 --simulated --config .*)\n/,
    );
    expect(command).toContain(path.join(home.data, 'stack.json'));
    expect(pidOf(home, 'agent lagos-1')).toBe(0);
  });

  it('leaves nothing running when the launcher is killed, and starts on the same data right after', async () => {
    const home = await aHome();
    const first = start(home);
    await first.until(UP);
    first.child.kill('SIGKILL');
    await first.ended;
    const second = start(home);
    await second.until(UP);
    second.child.kill('SIGHUP');
    expect(await second.ended).toBe(0);
    await untilNoneIsLeft(home);
  });

  it('stops everything and says why when a part does not start', async () => {
    const home = await aHome({ agent: { seed: 666 } });
    const stack = start(home);
    expect(await stack.ended).toBe(1);
    expect(stack.said()).toMatch(/gateway did not start: the graph does not compose\nIts log: .*gateway\.log/);
    expect(stack.said()).not.toMatch(/ {4}at /);
    expect(processesOf(home)).toEqual([]);
  });

  it('stops in the middle of a start', async () => {
    const home = await aHome();
    const stack = start(home);
    await stack.until(/PostgreSQL 18/);
    stack.child.kill('SIGINT');
    expect(await stack.ended).toBe(0);
    await untilNoneIsLeft(home);
  });
});
