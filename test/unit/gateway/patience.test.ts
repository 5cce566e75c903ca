import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { patiences, type Waits } from '../../../gateway/transport/patience.ts';
import { eventually } from '../../support/wait.ts';

interface Waiter extends Waits {
  readonly name: string;
}

const DEADLINE_MS = 30;

/** Waiters under one signal, and what became of them. */
function aWait() {
  const ends: string[] = [];
  const early: string[] = [];
  const patienceFor = patiences<Waiter>({
    late: waiter => {
      if (performance.now() < waiter.until) early.push(waiter.name);
      ends.push(`${waiter.name} is late`);
      patience.delete(waiter);
    },
    left: (waiter, reason) => {
      ends.push(`${waiter.name}: ${reason}`);
      patience.delete(waiter);
    },
  });
  const client = new AbortController();
  const terms = { signal: client.signal, deadlineMs: DEADLINE_MS };
  const patience = patienceFor(terms);
  return {
    ends,
    early,
    client,
    patience,
    again: () => patienceFor(terms),
    listeners: () => getEventListeners(client.signal, 'abort').length,
    add: (name: string, inMs: number): Waiter => {
      const waiter: Waiter = { name, until: performance.now() + inMs, place: -1 };
      patience.add(waiter);
      return waiter;
    },
  };
}

describe('those who wait under one signal', () => {
  it('are late each at its own deadline, the first first, whoever was answered meanwhile', async () => {
    const { add, patience, ends, early, listeners } = aWait();
    const answered = add('first', DEADLINE_MS);
    add('second', DEADLINE_MS);
    add('third', 3 * DEADLINE_MS);
    patience.delete(answered);
    patience.delete(answered);
    expect(listeners()).toBe(1);
    await eventually('both deadlines have passed', () => ends.length === 2);
    expect(ends).toEqual(['second is late', 'third is late']);
    expect(early).toEqual([]);
    expect(listeners()).toBe(0);
  });

  it('are late all the same among thousands who came and went, with memory for those who wait only', async () => {
    const { add, patience, ends } = aWait();
    const places: number[] = [];
    let last = add('patient', 4 * DEADLINE_MS);
    for (let i = 0; i < 5_000; i++) {
      const next = add(`hasty ${i}`, 4 * DEADLINE_MS);
      if (i > 0) patience.delete(last);
      last = next;
      places.push(next.place);
    }
    expect(Math.max(...places)).toBeLessThan(200);
    await eventually('the deadlines have passed', () => ends.length === 2);
    expect(ends).toEqual(['patient is late', 'hasty 4999 is late']);
  });

  it('leave together when it aborts, and nobody is late afterwards', async () => {
    const { add, patience, client, ends, listeners } = aWait();
    const answered = add('answered', DEADLINE_MS);
    add('one', DEADLINE_MS);
    add('other', DEADLINE_MS);
    patience.delete(answered);
    client.abort('gone');
    expect(ends).toEqual(['one: gone', 'other: gone']);
    expect(listeners()).toBe(0);
    add('another', DEADLINE_MS);
    await eventually('its deadline has passed', () => ends.length === 3);
    expect(ends[2]).toBe('another is late');
  });

  it('share a patience as long as they wait as long, and keep nothing running once nobody waits', () => {
    const { add, patience, again } = aWait();
    expect(again()).toBe(patience);
    const timers = (): number => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();
    const waiters = [add('one', 60_000), add('other', 60_000)];
    expect(timers()).toBe(before + 1);
    for (const waiter of waiters) patience.delete(waiter);
    expect(timers()).toBe(before);
  });
});
