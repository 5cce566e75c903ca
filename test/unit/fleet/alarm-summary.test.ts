// Counts and status over regions: what may be critical is worse than what is known not to be, and nothing looks healthier
// than it is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CountedRegion, summarize } from '../../../subgraphs/central/fleet/alarms/alarm-summary.ts';
import { contactOf, OFFLINE_AFTER_MS, STALE_AFTER_MS } from '../../../subgraphs/central/fleet/contact/contact-state.ts';

const NOW = new Date('2026-01-01T00:10:00.000Z');
const silentFor = (ms: number) => new Date(NOW.getTime() - ms).toISOString();
const region = (id: string, lastContactAt: string | null): CountedRegion => ({
  id,
  contact: contactOf({ lastContactAt, contactReason: null }, NOW),
});

describe('the status', () => {
  const online = region('a', silentFor(0));
  const offline = region('b', silentFor(OFFLINE_AFTER_MS));
  const never = region('c', null);

  test.each<[string, CountedRegion[], Parameters<typeof summarize>[1], string, number]>([
    ['no region', [], [], 'OK', 0],
    ['a quiet region', [online], [], 'OK', 0],
    ['warnings only', [online], [{ region: 'a', severity: 'WARNING', n: 9 }], 'OK', 0],
    ['a minor alarm', [online], [{ region: 'a', severity: 'MINOR', n: 1 }], 'DEGRADED', 0],
    ['a critical alarm', [online], [{ region: 'a', severity: 'CRITICAL', n: 1 }], 'CRITICAL', 0],
    [
      'a region out of contact, whatever it last said',
      [offline],
      [{ region: 'b', severity: 'CRITICAL', n: 1 }],
      'UNKNOWN',
      1,
    ],
    ['a degraded and an unknown region', [online, offline], [{ region: 'a', severity: 'MAJOR', n: 1 }], 'UNKNOWN', 1],
    ['a critical and an unknown region', [online, never], [{ region: 'a', severity: 'CRITICAL', n: 1 }], 'CRITICAL', 1],
  ])('of %s', (_, regions, counts, status, regionsUnknown) => {
    expect(summarize(regions, counts)).toMatchObject({ status, regionsUnknown });
  });

  test('is as old as the contact that is oldest; without one it has no age', () => {
    expect(summarize([online, offline], []).asOf).toBe(offline.contact.lastContactAt);
    expect(summarize([online, never], []).asOf).toBeNull();
  });

  test('is never OK or DEGRADED while a region is out of contact, and no region makes it better', () => {
    const rank = ['OK', 'DEGRADED', 'UNKNOWN', 'CRITICAL'];
    const silence = fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: null });
    const count = fc.record({
      severity: fc.constantFrom('CRITICAL', 'MAJOR', 'MINOR', 'WARNING'),
      n: fc.integer({ min: 1, max: 9 }),
    });
    const regions = fc.array(fc.record({ silence, counts: fc.array(count, { maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(regions, given => {
        const counted = given.map(({ silence }, i) => region(`r${i}`, silence === null ? null : silentFor(silence)));
        const counts = given.flatMap(({ counts }, i) => counts.map(c => ({ ...c, region: `r${i}` })));
        const whole = summarize(counted, counts);
        if (whole.regionsUnknown > 0) expect(['UNKNOWN', 'CRITICAL']).toContain(whole.status);
        const part = summarize(
          counted.slice(1),
          counts.filter(c => c.region !== 'r0'),
        );
        expect(rank.indexOf(whole.status)).toBeGreaterThanOrEqual(rank.indexOf(part.status));
        expect(whole.critical + whole.major + whole.minor + whole.warning).toBe(
          counts.reduce((sum, c) => sum + c.n, 0),
        );
      }),
    );
  });
});

describe('contact', () => {
  test.each([
    [0, 'ONLINE'],
    [STALE_AFTER_MS - 1, 'ONLINE'],
    [STALE_AFTER_MS, 'STALE'],
    [OFFLINE_AFTER_MS - 1, 'STALE'],
    [OFFLINE_AFTER_MS, 'OFFLINE'],
  ])('after %i ms of silence is %s', (ms, state) => {
    const contact = contactOf({ lastContactAt: silentFor(ms), contactReason: 'connection refused' }, NOW);
    expect(contact.state).toBe(state);
    expect(contact.reason).toBe(state === 'ONLINE' ? null : 'connection refused');
  });

  test('is NEVER before the first heartbeat, and always says why there is none', () => {
    expect(contactOf({ lastContactAt: null, contactReason: null }, NOW)).toMatchObject({
      state: 'NEVER',
      reason: 'no heartbeat',
    });
  });
});
