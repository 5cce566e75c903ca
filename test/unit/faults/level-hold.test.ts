// How long a level must be exceeded before it is alarmed, and not exceeded before that ends, on a clock that we hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Severity } from '../../../subgraphs/catalogue/catalogue.ts';
import { type Contradiction, hold } from '../../../subgraphs/edge/faults/detectors/level-hold.ts';
import { type Holds, wantedAlarm } from '../../../subgraphs/edge/faults/detectors/usage-thresholds.ts';
import { anAlarmRow } from '../../support/builders.ts';

const DELAYS = { onDelayMs: 30_000, offDelayMs: 20_000 };
/** Seconds since the last sample, and what it says. */
const samples = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), fc.boolean()), { minLength: 1, maxLength: 60 });

test('a level changes exactly when all samples of the delay said so', () => {
  fc.assert(
    fc.property(samples, given => {
      let clock = 0;
      let on = false;
      let last: Contradiction | undefined;
      const past: { at: number; wants: boolean }[] = [];
      for (const [wait, wants] of given) {
        clock += wait * 1_000;
        past.push({ at: clock, wants });
        const run = past.slice(past.findLastIndex(sample => sample.wants !== wants) + 1);
        const held = hold(on, wants, last, clock, DELAYS);
        const isOver = clock - run[0]!.at >= (wants ? DELAYS.onDelayMs : DELAYS.offDelayMs);
        expect(held.on).toBe(isOver ? wants : on);
        ({ on, contradiction: last } = held);
      }
    }),
  );
});

test('a change that failed is made by the next sample, and a clock that goes back holds nothing for ever', () => {
  const first = hold(false, true, undefined, 50_000, DELAYS);
  const due = hold(false, true, first.contradiction, 80_000, DELAYS);
  expect([first.on, due.on]).toEqual([false, true]);
  expect(hold(false, true, due.contradiction, 81_000, DELAYS).on).toBe(true);
  const back = hold(false, true, first.contradiction, 1_000, DELAYS);
  expect(hold(false, true, back.contradiction, 31_000, DELAYS).on).toBe(true);
});

describe('a usage alarm', () => {
  const limits = { major: 80, critical: 90 };
  const thresholds = { cpu: limits, memory: limits, filesystem: limits, hysteresisPercent: 2, ...DELAYS };

  /** Severity after each sample; `seconds` since the start. Each decision is asked for twice, as `settle` does. */
  function walk(given: readonly (readonly [seconds: number, used: number])[], holds: Holds = new Map()) {
    let severity: Severity | null = null;
    return given.map(([seconds, usedPercent]) => {
      const wanted = wantedAlarm({ hostname: 'h', resource: 'CPU', usedPercent }, thresholds, holds, seconds * 1_000);
      const open = severity === null ? null : anAlarmRow({ severity });
      const want = [wanted.decide(open), wanted.decide(open)][1]!;
      severity = want === 'keep' ? severity : (want?.severity ?? null);
      return severity;
    });
  }

  test('comes after the on-delay and goes after the off-delay, and a short spike does neither', () => {
    const spike = [
      [0, 85],
      [10, 50],
      [20, 85],
      [40, 85],
    ] as const;
    expect(walk([...spike, [50, 85], [55, 50], [60, 85], [65, 50], [84, 50], [85, 50]])).toEqual([
      ...[null, null, null, null],
      ...['MAJOR', 'MAJOR', 'MAJOR', 'MAJOR', 'MAJOR', null],
    ]);
  });

  test('is major once major was held, though critical was only touched, and steps up when critical is held too', () => {
    const seen = walk([
      [0, 95],
      [10, 85],
      [20, 95],
      [30, 95],
      [50, 95],
      [60, 85],
      [79, 85],
      [80, 85],
    ]);
    expect(seen).toEqual([null, null, null, 'MAJOR', 'CRITICAL', 'CRITICAL', 'CRITICAL', 'MAJOR']);
  });

  test('forgets a hold that is over, and the oldest of too many that never end', () => {
    const holds: Holds = new Map();
    walk(
      [
        [0, 85],
        [1, 50],
      ],
      holds,
    );
    expect(holds.size).toBe(0);
    for (let i = 0; i <= 100_000; i++)
      wantedAlarm({ hostname: `h${i}`, resource: 'CPU', usedPercent: 85 }, thresholds, holds, i).decide(null);
    expect(holds.size).toBe(100_000);
    expect(holds.has('100.101 host=h0')).toBe(false);
  });
});
