// Loops, backoff, the host book and the failure log: what keeps an agent regular, patient and quiet.
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../agent/backoff.ts';
import { within } from '../../../agent/clock.ts';
import { createFailureLog } from '../../../agent/failure-log.ts';
import { createHostBook } from '../../../agent/host-book.ts';
import { startLoop } from '../../../agent/loop.ts';
import { createScenario } from '../../../agent/simulated/scenario.ts';
import { createHandClock, settle } from './hand-clock.ts';

const noError = (error: unknown) => expect.unreachable(String(error));

describe('a loop', () => {
  test('runs at once and then from start to start', async () => {
    const [clock, stop, starts] = [createHandClock(0), new AbortController(), [] as number[]];
    startLoop(clock, stop.signal, {
      everyMs: 100,
      onError: noError,
      work: async () => {
        starts.push(clock.now());
        await new Promise<void>(resolve => clock.after(30, resolve));
        return true;
      },
    });
    for (let i = 0; i < 24; i++) await clock.advance(10);
    expect(starts).toEqual([0, 100, 200]);
    stop.abort();
  });

  test('never runs twice at once, and a wake during a run makes one more', async () => {
    const [clock, stop] = [createHandClock(), new AbortController()];
    const finish: (() => void)[] = [];
    const loop = startLoop(clock, stop.signal, {
      everyMs: null,
      onError: noError,
      work: () => new Promise(resolve => finish.push(() => resolve(true))),
    });
    loop.wake();
    loop.wake();
    await settle();
    expect(finish).toHaveLength(1);
    finish[0]?.();
    await settle();
    expect(finish).toHaveLength(2);
    finish[1]?.();
    await settle();
    expect(finish).toHaveLength(2);
    stop.abort();
    await loop.done;
  });

  test('tries again sooner after a failure, and a throw is a failure', async () => {
    const [clock, stop, errors] = [createHandClock(), new AbortController(), [] as unknown[]];
    let runs = 0;
    startLoop(clock, stop.signal, {
      everyMs: 10_000,
      retryMs: failures => failures * 100,
      onError: error => errors.push(error),
      work: async () => {
        runs++;
        if (runs === 1) throw new Error('broken');
        return runs > 2;
      },
    });
    await settle();
    expect(clock.nextIn()).toBe(100);
    await clock.advance(100);
    expect(clock.nextIn()).toBe(200);
    await clock.advance(200);
    expect([runs, errors.length, clock.nextIn()]).toEqual([3, 1, 10_000]);
    stop.abort();
  });

  test('ends at once with its signal and leaves no timer', async () => {
    const [clock, stop] = [createHandClock(), new AbortController()];
    const loop = startLoop(clock, stop.signal, { everyMs: 100, onError: noError, work: async () => true });
    await settle();
    stop.abort();
    await loop.done;
    expect(clock.nextIn()).toBeNull();
  });
});

test('backoff doubles up to ten seconds, half of it jitter', () => {
  expect([1, 2, 3, 20].map(n => backoffMs(n, () => 0.999_999))).toEqual([250, 500, 1_000, 10_000]);
  expect([1, 2, 20].map(n => backoffMs(n, () => 0))).toEqual([125, 250, 5_000]);
});

test('a look at the machine that hangs is given up', async () => {
  const clock = createHandClock();
  const hung = within(clock, 500, new AbortController().signal, 'discovery', new Promise(() => {}));
  const outcome = expect(hung).rejects.toThrow('discovery did not finish within 500 ms');
  await clock.advance(500);
  await outcome;
});

test('a look at the machine that hangs does not hold up the end', async () => {
  const [clock, stop] = [createHandClock(), new AbortController()];
  const hung = within(clock, 500, stop.signal, 'discovery', new Promise(() => {}));
  const outcome = expect(hung).rejects.toThrow('discovery was broken off');
  stop.abort();
  await outcome;
  expect(clock.nextIn()).toBeNull();
});

describe('the host book', () => {
  const host = createScenario(1, 'lagos-1').hostsAt(0)[0]!;

  test('a host is due until accepted, when changed, when stale, and when forgotten', () => {
    const book = createHostBook(1_000);
    expect(book.due([host], 0)).toEqual([host]);
    book.accepted(host, 'lagos-1/a', 0);
    expect(book.due([host], 999)).toEqual([]);
    expect(book.due([{ ...host, ports: [] }], 999)).toHaveLength(1);
    expect(book.due([host], 1_000)).toEqual([host]);
    book.forget(['lagos-1/other']);
    expect(book.idOf(host.identity)).toBe('lagos-1/a');
    book.forget(['lagos-1/a']);
    expect(book.idOf(host.identity)).toBeUndefined();
    expect(book.due([host], 0)).toEqual([host]);
  });

  test('uptime and free memory are no change', () => {
    const book = createHostBook(1_000);
    book.accepted(host, 'lagos-1/a', 0);
    const later = {
      ...host,
      uptimeSeconds: host.uptimeSeconds + 30,
      memory: host.memory.map(node => ({
        ...node,
        freeMiB: 1,
        hugePages: node.hugePages.map(p => ({ ...p, free: 0 })),
      })),
    };
    expect(book.due([later], 10)).toEqual([]);
  });
});

test('a failure is said once a kind, and its end once', () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const failures = createFailureLog(log);
  for (let i = 0; i < 5; i++) failures.failed('reportUsage', 'SILENT', 'no answer');
  failures.failed('reportUsage', 'REFUSED', 'no');
  failures.worked('reportUsage');
  failures.worked('reportUsage');
  failures.failed('reportUsage', 'SILENT', 'no answer');
  expect(lines).toEqual([
    'report failed; trying again',
    'report failed; trying again',
    'report works again',
    'report failed; trying again',
  ]);
});
