// When a door that keeps failing is no longer asked, and when it is again: closed, open, half-open. Pure; the clock and
// the chance of the jitter come in. Only a probe passes a half-open circuit, never what a client waits for.

export interface CircuitRules {
  /** Failures in a row after which it opens. */
  readonly failures: number;
  /** Pause before the first probe, in ms; it doubles with each probe that fails. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

export type Circuit =
  /** `failures` in a row so far; `pauses` so far without a success of real work since. */
  | { readonly state: 'closed'; readonly failures: number; readonly pauses: number }
  /** Nothing is asked before `probeAt`, ms of the clock. */
  | { readonly state: 'open'; readonly probeAt: number; readonly pauses: number }
  /** A probe is on its way. */
  | { readonly state: 'half-open'; readonly pauses: number };

export type CircuitEvent =
  /** `heard`: others say that it is back. */
  | { readonly kind: 'succeeded' | 'probe due' | 'probe succeeded' | 'heard' }
  /** `chance` in [0, 1) spreads the probes of many gateways. */
  | { readonly kind: 'failed' | 'probe failed'; readonly now: number; readonly chance: number };

export const CLOSED: Circuit = { state: 'closed', failures: 0, pauses: 0 };

/** It lives: by a probe, by work that was under way when the circuit opened, or by hearsay. */
const PROOF: ReadonlySet<CircuitEvent['kind']> = new Set(['probe succeeded', 'succeeded', 'heard']);

/** Total: an event that does not concern a state leaves it as it is. */
export function nextCircuit(circuit: Circuit, event: CircuitEvent, rules: CircuitRules): Circuit {
  switch (circuit.state) {
    case 'closed':
      if (event.kind === 'succeeded') return circuit.failures === 0 && circuit.pauses === 0 ? circuit : CLOSED;
      if (event.kind !== 'failed') return circuit;
      return circuit.failures + 1 < rules.failures
        ? { ...circuit, failures: circuit.failures + 1 }
        : opened(circuit.pauses, event, rules);
    case 'open':
      if (PROOF.has(event.kind)) return onTrial(circuit.pauses, rules);
      return event.kind === 'probe due' ? { state: 'half-open', pauses: circuit.pauses } : circuit;
    case 'half-open':
      if (event.kind === 'probe failed') return opened(circuit.pauses, event, rules);
      return PROOF.has(event.kind) ? onTrial(circuit.pauses, rules) : circuit;
  }
}

/** The first failure of real work opens it again, with a longer pause. */
const onTrial = (pauses: number, { failures }: CircuitRules): Circuit => ({
  state: 'closed',
  failures: failures - 1,
  pauses,
});

function opened(pauses: number, { now, chance }: { now: number; chance: number }, rules: CircuitRules): Circuit {
  const pause = Math.min(rules.pauseMs * 2 ** pauses, rules.longestPauseMs);
  return { state: 'open', probeAt: now + pause * (0.75 + chance / 2), pauses: Math.min(pauses + 1, 30) };
}
