// What feeds are told of contact with regions, for every state of contact and everything told before.
import { describe, expect, test } from 'vitest';
import type { RegionContactState } from '../../../subgraphs/central/fleet/contact/contact-state.ts';
import { presenceChanges } from '../../../subgraphs/central/fleet/mirror/presence.ts';
import type { WatchedRegion } from '../../../subgraphs/central/fleet/regions/region-watch.ts';

const TOLD = {
  whole: { staleSince: null, offlineAlarm: false },
  stale: { staleSince: '2026-01-01T00:00:00.000Z', offlineAlarm: false },
  lost: { staleSince: '2026-01-01T00:00:00.000Z', offlineAlarm: true },
} as const;

function changesFor(state: RegionContactState, told: keyof typeof TOLD, aligned: boolean): string {
  const seen = { region: { id: 'r', ...TOLD[told] }, contact: { state } } as WatchedRegion;
  const { stale, lost, back } = presenceChanges(new Map([['r', seen]]), () => aligned);
  return [stale.length && 'stale', lost.length && 'lost', back.length && 'back'].filter(Boolean).join(' ');
}

describe('a region in contact', () => {
  test('is told back only once what happened meanwhile has been copied', () => {
    expect(changesFor('ONLINE', 'stale', false)).toBe('');
    expect(changesFor('ONLINE', 'stale', true)).toBe('back');
    expect(changesFor('ONLINE', 'lost', true)).toBe('back');
    expect(changesFor('ONLINE', 'whole', true)).toBe('');
  });
});

describe('a region out of contact', () => {
  test('is told stale once, and lost once', () => {
    expect(changesFor('STALE', 'whole', true)).toBe('stale');
    expect(changesFor('STALE', 'stale', true)).toBe('');
    expect(changesFor('STALE', 'lost', true)).toBe('');
    expect(changesFor('OFFLINE', 'whole', false)).toBe('stale lost');
    expect(changesFor('OFFLINE', 'stale', false)).toBe('lost');
    expect(changesFor('OFFLINE', 'lost', false)).toBe('');
  });

  test('that was never heard of is no loss', () => {
    for (const told of ['whole', 'stale', 'lost'] as const) expect(changesFor('NEVER', told, true)).toBe('');
  });
});
