// How full a resource is, as an alarm: severe enough, and never flapping.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SEVERITIES, type Severity } from '../../../subgraphs/catalogue/catalogue.ts';
import { wantedAlarm } from '../../../subgraphs/edge/faults/detectors/usage-thresholds.ts';
import { anAlarmRow } from '../../support/builders.ts';

const SLACK = 2;
const LIMITS = { major: 80, critical: 90 };
const THRESHOLDS = {
  cpu: LIMITS,
  memory: LIMITS,
  filesystem: LIMITS,
  hysteresisPercent: SLACK,
  onDelayMs: 0,
  offDelayMs: 0,
};

/** The severity after one sample. */
function next(open: Severity | null, usedPercent: number): Severity | null {
  const wanted = wantedAlarm({ hostname: 'h', resource: 'CPU', usedPercent }, THRESHOLDS, new Map(), 0);
  const want = wanted.decide(open === null ? null : anAlarmRow({ severity: open }));
  return want === 'keep' ? open : (want?.severity ?? null);
}

const levelOf = (severity: Severity | null): number => (severity === null ? 0 : 4 - SEVERITIES.indexOf(severity));
// tenths of a per cent, mostly where it matters
const used = fc
  .oneof(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 770, max: 930 }))
  .map(tenths => tenths / 10);
const history = fc.array(used, { minLength: 1, maxLength: 40 });
const severityAfter = (samples: readonly number[]): Severity | null => samples.reduce<Severity | null>(next, null);

describe('a usage alarm', () => {
  test('is never less severe than the thresholds say, and never more than the slack allows', () => {
    fc.assert(
      fc.property(history, samples => {
        const level = levelOf(severityAfter(samples));
        const last = samples.at(-1)!;
        const plain = (value: number) => levelOf(value >= 90 ? 'CRITICAL' : value >= 80 ? 'MAJOR' : null);
        expect(level).toBeGreaterThanOrEqual(plain(last));
        expect(level).toBeLessThanOrEqual(plain(last + SLACK + 1e-9));
      }),
    );
  });

  test('changes at most once while the value moves within less than the slack', () => {
    const around = fc.tuple(
      used,
      fc.array(
        fc.integer({ min: 0, max: 19 }).map(tenths => tenths / 10),
        { minLength: 2, maxLength: 30 },
      ),
    );
    fc.assert(
      fc.property(history, around, (past, [base, wobbles]) => {
        let severity = severityAfter([...past, base]);
        let rises = 0;
        for (const wobble of wobbles) {
          const then = next(severity, base + wobble);
          expect(levelOf(then)).toBeGreaterThanOrEqual(levelOf(severity)); // it never falls back within the slack
          if (then !== severity) rises++;
          severity = then;
        }
        expect(rises).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('that stays as it is says nothing: a new percentage alone is no news', () => {
    const wanted = wantedAlarm({ hostname: 'h', resource: 'CPU', usedPercent: 85 }, THRESHOLDS, new Map(), 0);
    expect(wanted.decide(anAlarmRow({ severity: 'MAJOR' }))).toBe('keep');
  });

  test('names value and threshold for whoever is called', () => {
    const sample = { hostname: 'compute-0', resource: 'FILESYSTEM' as const, instance: '/var', usedPercent: 93.25 };
    const want = wantedAlarm(sample, THRESHOLDS, new Map(), 0).decide(null);
    expect(want).toMatchObject({
      entityInstanceId: 'host=compute-0.filesystem=/var',
      reasonText: 'Usage of file system /var on compute-0 is 93.3 %; the critical threshold is 90 %',
    });
  });
});
