// The alarm rate against a model that counts every ten minutes anew, and its states as ISA-18.2 draws them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AlarmRate,
  type AlarmRateState,
  countAlarmRate,
  followAlarmRate,
  type Raised,
  stateAfter,
} from '../../../subgraphs/catalogue/alarm-rate.ts';

const START = 1_700_000_000;

/** All raises by second, walked through second by second. */
function model(raised: readonly Raised[], until: number): AlarmRate {
  let [state, since, peak, total]: [AlarmRateState, number, number, number] = ['NORMAL', START, 0, 0];
  for (let now = START; now <= until; now++) {
    const inWindow = raised.filter(r => r.second > now - 600 && r.second <= now);
    total = inWindow.reduce((sum, r) => sum + r.n, 0);
    const next: AlarmRateState =
      total > 10 || (state === 'FLOOD' && total >= 5) ? 'FLOOD' : total > 2 ? 'HIGH' : 'NORMAL';
    if (next !== state) [state, since, peak] = [next, now, 0];
    peak = Math.max(peak, total);
  }
  return { lastTenMinutes: total, peak, state, since: new Date(since * 1_000).toISOString() };
}

/** Seconds since the last raise, and how many come. */
const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 6 })), { maxLength: 12 });
const secondsOf = (given: readonly (readonly [number, number])[]): Raised[] => {
  let second = START;
  return given.map(([wait, n]) => {
    second += wait;
    return { second, n };
  });
};

describe('the alarm rate', () => {
  test('is the same however often somebody looks', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 6 }), (given, looks) => {
        const raised = secondsOf(given);
        const count = countAlarmRate(START);
        let seen = START;
        for (const second of [...looks.sort((a, b) => a - b).map(s => START + s), START + 5_500]) {
          const fresh = raised.filter(r => r.second > seen && r.second <= second);
          expect(count.look(fresh, second)).toEqual(model(raised, second));
          seen = second;
        }
      }),
      { numRuns: 60 },
    );
  });

  test('keeps its state through a second in which as many leave as come', () => {
    const count = countAlarmRate(START);
    const raised = [1, 314, 601].map((second, i) => ({ second: START + second, n: i === 1 ? 1 : 2 }));
    expect(count.look(raised, START + 601)).toEqual(model(raised, START + 601));
  });

  test('takes in what is told late, within the ten minutes and not beyond', () => {
    const count = countAlarmRate(START);
    expect(count.look([], START + 700).lastTenMinutes).toBe(0);
    const late = [
      { second: START + 50, n: 7 },
      { second: START + 650, n: 3 },
    ];
    expect(count.look(late, START + 700)).toMatchObject({ lastTenMinutes: 3, state: 'HIGH' });
    expect(count.look([], START + 1_249).lastTenMinutes).toBe(3);
    expect(count.look([], START + 1_250).lastTenMinutes).toBe(0);
  });

  test('is a flood above 10, stays one down to 5, and is high above 2', () => {
    const walk = (counts: readonly number[]) => {
      let state: AlarmRateState = 'NORMAL';
      return counts.map(n => (state = stateAfter(state, n)));
    };
    expect(walk([0, 2, 3, 10, 11, 10, 5, 4, 10, 11, 2])).toEqual([
      ...['NORMAL', 'NORMAL', 'HIGH', 'HIGH', 'FLOOD', 'FLOOD', 'FLOOD', 'HIGH', 'HIGH', 'FLOOD', 'NORMAL'],
    ]);
  });
});

describe('following a source', () => {
  const aSource = (raised: Raised[]) => {
    let broken = false;
    return {
      break: (is: boolean) => {
        broken = is;
      },
      before: async (instant: string) => String(raised.filter(r => r.second < Date.parse(instant) / 1_000).length),
      read: async (after: string) => {
        if (broken) throw new Error('no database');
        return { position: String(raised.length), raised: raised.slice(Number(after)) };
      },
    };
  };

  test('counts each raise once, whoever looks at the same time, and nothing is lost by a look that failed', async () => {
    let second = START;
    const raised = [{ second: START - 60, n: 2 }];
    const source = aSource(raised);
    const rate = followAlarmRate(source, () => new Date(second * 1_000));
    const both = await Promise.all([rate.look(), rate.look()]);
    expect(both.map(seen => seen.lastTenMinutes)).toEqual([2, 2]);
    raised.push({ second: START + 5, n: 4 });
    second += 10;
    source.break(true);
    await expect(rate.look()).rejects.toThrow('no database');
    source.break(false);
    expect(await rate.look()).toMatchObject({ lastTenMinutes: 6, state: 'HIGH' });
  });

  test('begins anew after a long time without a look, and knows a flood that is still ebbing', async () => {
    let second = START;
    const raised = [{ second: START - 60, n: 1 }];
    const rate = followAlarmRate(aSource(raised), () => new Date(second * 1_000));
    await rate.look();
    raised.push({ second: START + 9_000, n: 11 }, { second: START + 9_500, n: 5 });
    second = START + 9_900;
    expect(await rate.look()).toMatchObject({ lastTenMinutes: 5, peak: 16, state: 'FLOOD' });
  });
});
