// When regions are compared with the mirror: once an interval each, spread over it, whoever leads.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCheckDue } from '../../../subgraphs/central/fleet/alignment/alignment-schedule.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');

test('each region is due once an interval, however often somebody looks and whoever took over meanwhile', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 120_000 }), { minLength: 200, maxLength: 300 });
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,9}-\d$/), fc.nat(HOUR), looks, (region, start, pauses) => {
      let at = START + start;
      const dues: number[] = [];
      for (const pause of pauses) {
        if (isCheckDue(region, HOUR, at, at + pause)) dues.push(at + pause);
        at += pause;
      }
      const length = at - START - start;
      expect(dues.length).toBeGreaterThanOrEqual(Math.floor(length / HOUR));
      expect(dues.length).toBeLessThanOrEqual(Math.ceil(length / HOUR));
    }),
  );
});

test('regions are spread over the interval', () => {
  const minutes = new Set<number>();
  for (let i = 0; i < 200; i++)
    for (let minute = 0; minute < 60; minute++)
      if (isCheckDue(`region-${i}`, HOUR, START + minute * 60_000, START + (minute + 1) * 60_000)) minutes.add(minute);
  expect(minutes.size).toBeGreaterThan(45);
});
