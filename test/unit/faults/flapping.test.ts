// When an alarm counts as flapping, over any history of raises and clears.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFlapping, lookBack, type PastLife } from '../../../subgraphs/edge/faults/detectors/flapping.ts';

const SECOND = 1_000;
const SETTINGS = { raises: 4, windowMs: 60 * SECOND, quietMs: 40 * SECOND };
const START = Date.parse('2026-01-01T00:00:00.000Z');

/** Seconds that an alarm is open, then clear. */
const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 50 })), { maxLength: 30 });

interface Life extends PastLife {
  /** Milliseconds since the start. */
  readonly raised: number;
  readonly cleared: number;
}

/** Oldest first, each marked as the detector said. */
function livesOf(given: readonly (readonly [number, number])[], seen = (past: Life[], _at: string) => past): Life[] {
  const lives: Life[] = [];
  let clock = 0;
  for (const [open, calm] of given) {
    const raisedAt = new Date(START + clock).toISOString();
    const flapping = isFlapping(seen(lives.toReversed(), raisedAt), raisedAt, SETTINGS);
    const cleared = clock + open * SECOND;
    lives.push({ raised: clock, cleared, raisedAt, clearedAt: new Date(START + cleared).toISOString(), flapping });
    clock = cleared + calm * SECOND;
  }
  return lives;
}

describe('an alarm', () => {
  test('is marked with the raise that is one too many within the window, and with none before', () => {
    fc.assert(
      fc.property(steps, given => {
        const lives = livesOf(given);
        const tooMany = lives.map(
          ({ raised }, i) => lives.slice(0, i + 1).filter(l => raised - l.raised < SETTINGS.windowMs).length >= 4,
        );
        expect(lives.findIndex(life => life.flapping)).toBe(tooMany.indexOf(true));
        for (const [i, life] of lives.entries()) if (tooMany[i]) expect(life.flapping).toBe(true);
      }),
    );
  });

  test('stays marked exactly as long as it is not quiet for long enough', () => {
    fc.assert(
      fc.property(steps, given => {
        const lives = livesOf(given);
        for (const [i, life] of lives.entries()) {
          const last = lives[i - 1];
          if (!last?.flapping) continue;
          if (life.raised - last.cleared < SETTINGS.quietMs) expect(life.flapping).toBe(true);
        }
      }),
    );
    const shaken: [number, number][] = Array.from({ length: 4 }, () => [0, 10]);
    expect(livesOf([...shaken, [0, 45], [0, 30]]).map(life => life.flapping)).toEqual([
      ...[false, false, false, true],
      true, // 10 s after the last clear
      false, // 45 s after
    ]);
  });

  test('is judged the same by the few newest lives that are looked up', () => {
    const few = (past: Life[], at: string) =>
      past.filter(life => life.clearedAt > lookBack(at, SETTINGS)).slice(0, SETTINGS.raises - 1);
    fc.assert(
      fc.property(steps, given => {
        expect(livesOf(given, few)).toEqual(livesOf(given));
      }),
    );
  });
});
