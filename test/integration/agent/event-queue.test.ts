// The agent's queue on a real disk: in order, bounded, and whole after any end of the agent.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { createEventQueue, type EventQueue } from '../../../agent/queue/event-queue.ts';
import { openEventQueue } from '../../../agent/queue/queue-folder.ts';
import type { Segments } from '../../../agent/queue/segments.ts';
import { loadConfig } from '../../../runtime/config.ts';
import { packageRoot } from '../../../schema/sources.ts';

const leftovers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close();
});

function aFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-queue-'));
  leftovers.push(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Line {
  readonly msg: string;
  readonly [field: string]: unknown;
}

function aQueue(folder: string, queueEntries = 10_000): EventQueue & { readonly lines: Line[] } {
  const lines: Line[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const config = loadConfig({ env: {}, flags: { agent: { queueFolder: folder, queueEntries } } });
  const queue = openEventQueue(config, 'lagos-1', false, log);
  leftovers.push(() => queue.close());
  return Object.defineProperty(queue as EventQueue & { lines: Line[] }, 'lines', { value: lines });
}

const anEvent = (i: number) => ({ operation: 'raiseAlarm' as const, input: { i } });
const addMany = (queue: EventQueue, from: number, to: number) =>
  Promise.all(Array.from({ length: to - from + 1 }, (_, k) => queue.add(anEvent(from + k))));

/** Takes out everything that may be sent. */
function takeAll(queue: EventQueue): number[] {
  const taken: number[] = [];
  for (let event = queue.next(); event; event = queue.next()) {
    taken.push(event.input['i'] as number);
    queue.done(event);
  }
  return taken;
}
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);
const segmentsIn = (folder: string): string[] =>
  fs.readdirSync(path.join(folder, 'lagos-1')).filter(name => name.endsWith('.jsonl'));

describe('events', () => {
  test('come out in the order they went in, each with a key of its own', async () => {
    const queue = aQueue(aFolder());
    expect(new Set(await addMany(queue, 1, 1_200))).toEqual(new Set([true]));
    const key = queue.next()!.key;
    expect(queue.newest(event => event.key === key)?.n).toBe(1);
    expect(takeAll(queue)).toEqual(numbers(1, 1_200));
    expect(queue.size).toBe(0);
  });

  test('are not to be sent before they are on disk', async () => {
    const queue = aQueue(aFolder());
    const added = queue.add(anEvent(1));
    expect([queue.size, queue.next()]).toEqual([1, undefined]);
    expect(await added).toBe(true);
    expect(queue.next()?.input).toEqual({ i: 1 });
  });

  test('outlive the queue, with their keys; what was dealt with does not come again', async () => {
    const folder = aFolder();
    const first = aQueue(folder);
    await addMany(first, 1, 700);
    for (let i = 0; i < 3; i++) first.done(first.next()!);
    const next = first.next();
    await first.close();
    const second = aQueue(folder);
    expect(second.next()).toEqual(next);
    await second.add(anEvent(701));
    expect(takeAll(second)).toEqual(numbers(4, 701));
    await second.close();
    expect(aQueue(folder).size).toBe(0);
  });

  test('leave no file behind, and later ones are not taken for old ones', async () => {
    const folder = aFolder();
    const queue = aQueue(folder);
    await addMany(queue, 1, 1_100);
    expect(segmentsIn(folder).length).toBeGreaterThan(0);
    takeAll(queue);
    await queue.close();
    expect(segmentsIn(folder)).toEqual([]);
    const later = aQueue(folder);
    await later.add(anEvent(2_000));
    await later.close();
    expect(takeAll(aQueue(folder))).toEqual([2_000]);
  });

  test('beyond the bound push the oldest out, and that is said with their count', async () => {
    const folder = aFolder();
    const queue = aQueue(folder, 100);
    await addMany(queue, 1, 250);
    expect(queue.size).toBe(100);
    expect(queue.lines.map(line => line.msg)).toEqual(['event queue is full; dropping the oldest']);
    await queue.close();
    const again = aQueue(folder, 60);
    expect(takeAll(again)).toEqual(numbers(191, 250));
    const told = [...queue.lines, ...again.lines].filter(line => line['dropped'] !== undefined);
    expect(told.map(line => line['dropped'])).toEqual([1, 1, 40]);
  });

  test('that are pushed out while they are being sent stay out, and nothing else goes with them', async () => {
    const queue = aQueue(aFolder(), 10);
    await addMany(queue, 1, 10);
    const sending = queue.next()!;
    await addMany(queue, 11, 12);
    queue.done(sending);
    expect(takeAll(queue)).toEqual(numbers(3, 12));
  });
});

describe('a file', () => {
  test('whose last line is half is read up to there, and never written to again', async () => {
    const folder = aFolder();
    const queue = aQueue(folder);
    await addMany(queue, 1, 3);
    await queue.close();
    const file = path.join(folder, 'lagos-1', segmentsIn(folder)[0]!);
    fs.appendFileSync(file, '{"n":4,"key":"k","operation":"raiseAl');
    const again = aQueue(folder);
    expect(again.lines.map(line => line.msg)).toEqual([
      'events wait from before',
      'unreadable lines in the event queue left out',
    ]);
    await again.add(anEvent(4));
    await again.close();
    expect(takeAll(aQueue(folder))).toEqual([1, 2, 3, 4]);
  });

  test('of garbage stops nothing', async () => {
    const folder = aFolder();
    fs.mkdirSync(path.join(folder, 'lagos-1'));
    fs.writeFileSync(path.join(folder, 'lagos-1', '0000000000000001-aa.jsonl'), '\0\0\0\n[]\n{"n":"x"}\n');
    fs.writeFileSync(path.join(folder, 'lagos-1', 'done'), '');
    const queue = aQueue(folder);
    await queue.add(anEvent(1));
    expect(takeAll(queue)).toEqual([1]);
  });
});

describe('a disk that fails', () => {
  test('from the start: events are kept in memory, and the adder is told', async () => {
    const folder = aFolder();
    fs.writeFileSync(path.join(folder, 'lagos-1'), 'a file where the folder should be');
    const queue = aQueue(folder);
    expect(await queue.add(anEvent(1))).toBe(false);
    expect(takeAll(queue)).toEqual([1]);
    expect(queue.lines[0]?.msg).toMatch(/queue folder cannot be used/);
  });

  test('for a while: said once, and once when it works again; no event is missing', async () => {
    let isBroken = true;
    const segments: Segments = {
      kept: [],
      unreadable: 0,
      last: 0,
      append: () => (isBroken ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
      done: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const lines: Line[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const queue = createEventQueue({ segments, most: 100, log, newKey: () => 'k' });
    expect([await queue.add(anEvent(1)), await queue.add(anEvent(2))]).toEqual([false, false]);
    isBroken = false;
    expect(await queue.add(anEvent(3))).toBe(true);
    expect(takeAll(queue)).toEqual([1, 2, 3]);
    expect(lines.map(line => line.msg)).toEqual([
      'queue folder fails; events are kept in memory only',
      'queue folder works again',
    ]);
  });
});

describe('kill -9', () => {
  test.each([40, 700, 2_500])(
    'after %i events: every event that was told to be safe is there, in order',
    async count => {
      const folder = aFolder();
      const safe = await writeAndKill(folder, count);
      const config = loadConfig({ env: {}, flags: { agent: { queueFolder: folder, queueEntries: 1_000_000 } } });
      const queue = openEventQueue(config, 'lagos-1', true, pino({ level: 'silent' }));
      leftovers.push(() => queue.close());
      const kept = takeAll(queue);
      expect(safe.length).toBeGreaterThanOrEqual(count);
      expect(kept).toEqual(numbers(1, kept.length));
      expect(kept.length).toBeGreaterThanOrEqual(Math.max(...safe));
    },
  );
});

/** Lets a process write until it has told that `count` events are safe, and kills it in the middle of its work. */
async function writeAndKill(folder: string, count: number): Promise<number[]> {
  const args = ['--import', 'tsx', 'test/integration/agent/queue-writer.ts', folder];
  const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    output += text;
    if (output.split('\n').length > count) child.kill('SIGKILL');
  });
  const signal = await new Promise(resolve => child.once('close', (_, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  const lines = output.split('\n');
  return lines.slice(0, -1).map(Number);
}
