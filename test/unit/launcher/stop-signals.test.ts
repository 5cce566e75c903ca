import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listenForStop, type StopSignals } from '../../../launcher/stop-signals.ts';

let time = 0;
let npm: string | null = null;
let stop: StopSignals;
const insisted = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  time = 0;
  npm = '1';
  insisted.mockClear();
  stop = listenForStop({ now: () => time, lifeline: () => npm });
  stop.insisted.then(insisted);
});
afterEach(() => {
  stop.dispose();
  vi.useRealTimers();
});

const signal = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): boolean => process.emit(name, name);

describe('a wish to stop', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is %s', async name => {
    signal(name);
    expect(await stop.requested).toBe(name);
  });

  it('that npm passes on a second time is the same wish', async () => {
    signal('SIGINT');
    time += 100;
    signal('SIGINT');
    await stop.requested;
    expect(insisted).not.toHaveBeenCalled();
  });

  it('that is repeated later is insisted on', async () => {
    signal('SIGINT');
    time += 2_000;
    signal('SIGINT');
    expect(await stop.insisted).toBe('SIGINT');
  });

  it('is also that npm was killed', async () => {
    npm = '2';
    vi.advanceTimersByTime(1_000);
    expect(await stop.requested).toBe('npm is gone');
  });
});
