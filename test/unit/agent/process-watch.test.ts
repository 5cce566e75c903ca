// The watch over processes: what runs, what is started again and how often, on a clock that the test moves; and on the very
// /proc of this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPorts } from '../../../agent/real/ports.ts';
import { judgeProcess, UNTOUCHED, type Watching, watchProcesses } from '../../../agent/real/process-watch.ts';
import { eventually } from '../../support/wait.ts';

const SET = { restart: ['x'], restarts: 3, startMs: 5, settledMs: 30 };

test('a process that is down is started as often as is set, then left and said to have failed; once it ran long enough it begins anew', () => {
  let watching: Watching = UNTOUCHED;
  const look = (isRunning: boolean, now: number) => {
    const judged = judgeProcess(SET, watching, isRunning, now);
    watching = judged.watching;
    return `${judged.state}${judged.start ? ' start' : ''}`;
  };
  expect(look(true, 0)).toBe('RUNNING');
  expect(look(false, 1)).toBe('RESTARTING start');
  expect(look(false, 2)).toBe('RESTARTING'); // it may still be on its way
  expect(look(false, 6)).toBe('RESTARTING start');
  expect(look(true, 8)).toBe('RUNNING');
  expect(look(false, 12)).toBe('RESTARTING start'); // it did not run for long: starts still count
  expect(look(false, 17)).toBe('FAILED');
  expect(look(true, 60)).toBe('RUNNING'); // somebody mended it
  expect(look(false, 61)).toBe('RESTARTING start');
});

test('one that nobody said how to start has failed as soon as it does not run', () => {
  const { restart: _, ...set } = SET;
  expect(judgeProcess({ ...set, restart: undefined }, UNTOUCHED, false, 0)).toMatchObject({
    state: 'FAILED',
    start: false,
  });
});

test('between two long runs no process is started more often than is set', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ ms: fc.integer({ min: 1, max: 12 }), up: fc.boolean() })), looks => {
      let watching: Watching = UNTOUCHED;
      let now = 0;
      let starts = 0;
      for (const { ms, up } of looks) {
        now += ms;
        const judged = judgeProcess(SET, watching, up, now);
        if (judged.watching === UNTOUCHED) starts = 0;
        watching = judged.watching;
        if (judged.start) starts++;
        expect(starts).toBeLessThanOrEqual(SET.restarts);
        expect(judged.state === 'RUNNING').toBe(up);
      }
    }),
  );
});

test('processes of this machine are found by number and by command line, and a dead one is not', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-watch-'));
  const pidfile = path.join(folder, 'pid');
  const seconds = String(200_000_000 + process.pid);
  const child = spawn('sleep', [seconds], { stdio: 'ignore' });
  fs.writeFileSync(pidfile, `${child.pid}\n`);
  const set = { severity: 'MAJOR', restarts: 1, startMs: 5, settledMs: 30 } as const;
  const watch = watchProcesses(
    [
      { name: 'by-number', pidfile, ...set },
      { name: 'by-command', command: `sleep ${seconds}`, ...set },
      { name: 'nowhere', pidfile: path.join(folder, 'no-such'), ...set },
    ],
    '/proc',
    Date.now,
  );
  const states = async () => (await watch.look()).map(({ state }) => state);
  await eventually('both found', async () => (await states()).join() === 'RUNNING,RUNNING,FAILED');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await states()).toEqual(['FAILED', 'FAILED', 'FAILED']);
  fs.rmSync(folder, { recursive: true });
});

test('a process is started with the program that was given', async () => {
  const begun: (readonly string[])[] = [];
  const watch = watchProcesses(
    [
      {
        name: 'x',
        pidfile: '/no/such',
        severity: 'MAJOR',
        restart: ['systemctl', 'start', 'x'],
        restarts: 1,
        startMs: 1,
        settledMs: 1,
      },
    ],
    '/proc',
    () => 0,
    command => void begun.push(command),
  );
  expect(await watch.look()).toEqual([{ name: 'x', state: 'RESTARTING', severity: 'MAJOR', restarts: 1 }]);
  expect(begun).toEqual([['systemctl', 'start', 'x']]);
});

test('a port is up when its machine says so, and down when there is none', async () => {
  const sys = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-sys-'));
  const port = (name: string, state: string) => {
    fs.mkdirSync(path.join(sys, 'class/net', name), { recursive: true });
    fs.writeFileSync(path.join(sys, 'class/net', name, 'operstate'), `${state}\n`);
  };
  port('eno1', 'up');
  port('eno2', 'down');
  const watched = ['eno1', 'eno2', 'eno3'].map(name => ({ name, network: 'OAM' as const }));
  expect((await checkPorts(watched, sys)).map(({ name, up }) => [name, up])).toEqual([
    ['eno1', true],
    ['eno2', false],
    ['eno3', false],
  ]);
  fs.rmSync(sys, { recursive: true });
});
