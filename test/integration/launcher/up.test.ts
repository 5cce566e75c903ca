// `npm start` by itself: real processes, a real PostgreSQL, parts that only open their doors. Needs /proc.
import fs from 'node:fs';
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
