// When a level counts as exceeded: only after its samples have said so for a while, and as no longer exceeded likewise.
// The on-delay and off-delay of ANSI/ISA-18.2, by time rather than by samples (collectd's `Hits`), so that it means the same
// whatever the agents' interval. Pure; time is an argument.
//
// Whether a level is on is what the open alarm says, which is stored. What is kept here is only since when the samples
// say otherwise; a restart forgets that, so a hold under way begins anew: the alarm comes or goes up to one delay late,
// and nothing is lost, as levels are said again and again.

export interface Delays {
  /** Milliseconds above before it is on. */
  readonly onDelayMs: number;
  /** Milliseconds below before it is off. */
  readonly offDelayMs: number;
}

/** What samples say, against the open alarm, and since when without a break: ms since 1970. */
export interface Contradiction {
  readonly wants: boolean;
  readonly since: number;
}

export interface Held {
  /** Whether the level is on after this sample. */
  readonly on: boolean;
  /** Undefined while the samples agree with the alarm. Kept until the alarm follows: what is to change it may fail. */
  readonly contradiction: Contradiction | undefined;
}

/** `on`: what the open alarm says; `wants`: what the sample says; `last`: as the last sample left it; `at`: ms since 1970. */
export function hold(on: boolean, wants: boolean, last: Contradiction | undefined, at: number, delays: Delays): Held {
  if (wants === on) return { on, contradiction: undefined };
  const since = last?.wants === wants ? Math.min(last.since, at) : at; // a clock that was set back must not hold for ever
  const isLongEnough = at - since >= (wants ? delays.onDelayMs : delays.offDelayMs);
  return { on: isLongEnough ? wants : on, contradiction: { wants, since } };
}
