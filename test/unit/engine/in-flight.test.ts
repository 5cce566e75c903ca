import { describe, expect, it } from 'vitest';
import { inFlight } from '../../../gateway/engine/in-flight.ts';

function slow() {
  const begun: { readonly abandoned: AbortSignal; resolve(value: string): void; reject(error: Error): void }[] = [];
  const start = (abandoned: AbortSignal) =>
    new Promise<string>((resolve, reject) => begun.push({ abandoned, resolve, reject }));
  return { begun, start };
}

describe('identical queries under way', () => {
  it('share one execution, and the next one after it begins anew', async () => {
    const { begun, start } = slow();
    const flights = inFlight<string>();
    const both = [flights.share('a', undefined, start), flights.share('a', undefined, start)];
    const other = flights.share('b', undefined, start);
    expect(begun).toHaveLength(2);
    begun[0]!.resolve('one');
    begun[1]!.resolve('other');
    expect([...(await Promise.all(both)), await other]).toEqual(['one', 'one', 'other']);
    void flights.share('a', undefined, start);
    expect(begun).toHaveLength(3);
    expect(flights.counts()).toEqual({ started: 3, joined: 1 });
  });

  it('are not shared with whoever asks after a change', async () => {
    const { begun, start } = slow();
    const flights = inFlight<string>();
    const before = flights.share('a', undefined, start);
    flights.changed();
    const after = flights.share('a', undefined, start);
    begun[1]!.resolve('new');
    begun[0]!.resolve('old');
    expect([await before, await after]).toEqual(['old', 'new']);
  });

  it('go on while anyone waits, and end when nobody does', async () => {
    const { begun, start } = slow();
    const flights = inFlight<string>();
    const [first, second] = [new AbortController(), new AbortController()];
    const left = flights.share('a', first.signal, start);
    const stays = flights.share('a', second.signal, start);
    first.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(begun[0]!.abandoned.aborted).toBe(false);
    second.abort(new Error('gone too'));
    await expect(stays).rejects.toThrow('gone too');
    expect(begun[0]!.abandoned.aborted).toBe(true);
    void flights.share('a', undefined, start);
    expect(begun).toHaveLength(2);
  });

  it('all fail when it fails', async () => {
    const { begun, start } = slow();
    const flights = inFlight<string>();
    const both = [flights.share('a', undefined, start), flights.share('a', new AbortController().signal, start)];
    begun[0]!.reject(new Error('broken'));
    for (const one of both) await expect(one).rejects.toThrow('broken');
  });
});
