import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Circuit, type CircuitEvent, CLOSED, nextCircuit } from '../../../gateway/transport/circuit.ts';

const RULES = { failures: 3, pauseMs: 1_000, longestPauseMs: 5_000 };
const failed: CircuitEvent = { kind: 'failed', now: 10_000, chance: 0.5 };
const probeFailed: CircuitEvent = { kind: 'probe failed', now: 10_000, chance: 0.5 };
const circuitAfter = (...events: CircuitEvent[]): Circuit =>
  events.reduce((at, event) => nextCircuit(at, event, RULES), CLOSED);
const OPENED: readonly CircuitEvent[] = [failed, failed, failed];

describe('a circuit', () => {
  it('opens after as many failures in a row as the rules say, and no sooner', () => {
    expect(circuitAfter(failed, failed).state).toBe('closed');
    expect(circuitAfter(failed, failed, { kind: 'succeeded' }, failed, failed).state).toBe('closed');
    expect(circuitAfter(...OPENED)).toEqual({ state: 'open', probeAt: 11_000, pauses: 1 });
  });

  it('pauses twice as long after each probe that fails, up to the longest pause', () => {
    const pauseAfter = (probes: number): number => {
      const rounds = new Array(probes).fill([{ kind: 'probe due' }, probeFailed]).flat();
      const circuit = circuitAfter(...OPENED, ...rounds);
      return circuit.state === 'open' ? circuit.probeAt - 10_000 : 0;
    };
    expect([0, 1, 2, 3, 4, 100].map(pauseAfter)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  it('spreads the probes of many gateways by half the pause', () => {
    const probeAt = (chance: number): number => {
      const circuit = circuitAfter(failed, failed, { ...failed, chance } as CircuitEvent);
      return circuit.state === 'open' ? circuit.probeAt : 0;
    };
    expect(probeAt(0)).toBe(10_750);
    expect(probeAt(0.999_999)).toBeCloseTo(11_250, 0);
  });

  it.each<[string, CircuitEvent[]]>([
    ['a probe that succeeds', [{ kind: 'probe due' }, { kind: 'probe succeeded' }]],
    ['work that was under way and succeeds', [{ kind: 'succeeded' }]],
    ['hearsay', [{ kind: 'heard' }]],
    ['hearsay during a probe', [{ kind: 'probe due' }, { kind: 'heard' }]],
  ])(
    'closes on trial by %s: one failure opens it again with a longer pause, a success closes it for good',
    (_what, events) => {
      const onTrial = circuitAfter(...OPENED, ...events);
      expect(onTrial.state).toBe('closed');
      expect(nextCircuit(onTrial, failed, RULES)).toEqual({ state: 'open', probeAt: 12_000, pauses: 2 });
      expect(nextCircuit(onTrial, { kind: 'succeeded' }, RULES)).toEqual(CLOSED);
    },
  );

  it('whatever happens, is open only after a failure, and always knows when to probe', () => {
    const event = fc.oneof(
      fc.constantFrom<CircuitEvent>(
        { kind: 'succeeded' },
        { kind: 'heard' },
        { kind: 'probe due' },
        { kind: 'probe succeeded' },
      ),
      fc.record({
        kind: fc.constantFrom<'failed' | 'probe failed'>('failed', 'probe failed'),
        now: fc.integer({ min: 0, max: 1e9 }),
        chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), events => {
        let circuit = CLOSED;
        for (const one of events) {
          const before = circuit;
          circuit = nextCircuit(circuit, one, RULES);
          if (circuit.state === 'open' && before.state !== 'open') {
            if (!('now' in one)) throw new Error('opened without a failure');
            expect(circuit.probeAt).toBeGreaterThanOrEqual(one.now + 0.75 * RULES.pauseMs);
            expect(circuit.probeAt).toBeLessThanOrEqual(one.now + 1.25 * RULES.longestPauseMs);
          }
          if (before.state === 'open' && circuit.state === 'half-open') expect(one.kind).toBe('probe due');
          if (circuit.state === 'closed') expect(circuit.failures).toBeLessThan(RULES.failures);
        }
      }),
    );
  });
});
