// How many alarms an operator is told of, and whether that is too many, by ANSI/ISA-18.2-2016 (alarm system
// performance metrics, per operator): more than 10 in ten minutes begin a flood, fewer than 5 end it; about 2 are the most that can be handled
// for long, so more are HIGH. Counted to the second over the ten minutes up to now; time is an argument.

export type AlarmRateState = 'NORMAL' | 'HIGH' | 'FLOOD';

export interface AlarmRate {
  readonly lastTenMinutes: number;
  /** The most in any ten minutes since the state began. */
  readonly peak: number;
  readonly state: AlarmRateState;
  /** When the state began, to the second. */
  readonly since: string;
}

/** How many alarms were raised in a second, counted from 1970. */
export interface Raised {
  readonly second: number;
  readonly n: number;
}

const WINDOW = 600; // seconds
const HIGH_ABOVE = 2;
const FLOOD_ABOVE = 10;
const FLOOD_ENDS_BELOW = 5;

export function stateAfter(before: AlarmRateState, inWindow: number): AlarmRateState {
  if (inWindow > FLOOD_ABOVE || (before === 'FLOOD' && inWindow >= FLOOD_ENDS_BELOW)) return 'FLOOD';
  return inWindow > HIGH_ABOVE ? 'HIGH' : 'NORMAL';
}

export interface AlarmRateCount {
  /** Takes in what was raised since the last look, by second; answers the rate at this second. */
  look(raised: readonly Raised[], second: number): AlarmRate;
}

/** Counts from a second on, before which nothing is known. */
export function countAlarmRate(start: number): AlarmRateCount {
  const inSecond = new Map<number, number>(); // those of the window
  let now = start;
  let total = 0;
  let state: AlarmRateState = 'NORMAL';
  let since = start;
  let peak = 0;

  const judge = (): void => {
    const next = stateAfter(state, total);
    if (next !== state) [state, since, peak] = [next, now, total];
    peak = Math.max(peak, total);
  };
  const nextSecond = (): void => {
    now++;
    total -= inSecond.get(now - WINDOW) ?? 0;
    inSecond.delete(now - WINDOW);
  };
  const advance = (to: number): void => {
    const last = Math.min(to, now + WINDOW); // after that nothing is left to leave
    while (now < last) {
      nextSecond();
      judge();
    }
    now = Math.max(now, to);
  };

  return {
    look: (raised, second) => {
      for (const { second: at, n } of [...raised].sort((a, b) => a.second - b.second)) {
        advance(at - 1);
        if (now < at) nextSecond(); // judged with what comes in it, not between what leaves and what comes
        if (at <= now - WINDOW) continue;
        inSecond.set(at, (inSecond.get(at) ?? 0) + n);
        total += n;
        judge();
      }
      advance(second);
      return { lastTenMinutes: total, peak, state, since: new Date(since * 1_000).toISOString() };
    },
  };
}

/** Where raises are read from, in the order in which they were committed. */
export interface RaisedSource {
  /** What was raised after a position, and the position of the newest change. */
  read(after: string): Promise<{ readonly position: string; readonly raised: readonly Raised[] }>;
  /** The position before the first change at or after an instant. */
  before(instant: string): Promise<string>;
}

const LOOK_BACK = 2 * WINDOW; // what the first look takes in: enough to know a flood that has begun to ebb

/**
 * Follows a source from twenty minutes before the first look; each look reads only what is new, one look at a time. Nothing
 * runs between looks: after twenty minutes without one it begins anew.
 */
export function followAlarmRate(source: RaisedSource, now: () => Date): { look(): Promise<AlarmRate> } {
  let following: { readonly count: AlarmRateCount; readonly position: string } | undefined;
  let lookedAt = 0;
  let last: Promise<unknown> = Promise.resolve();

  const begin = async (start: number) => ({
    count: countAlarmRate(start),
    position: await source.before(new Date(start * 1_000).toISOString()),
  });
  const look = async (): Promise<AlarmRate> => {
    const second = Math.floor(now().getTime() / 1_000);
    if (following === undefined || second - lookedAt > LOOK_BACK) following = await begin(second - LOOK_BACK);
    const { count, position: after } = following;
    const { position, raised } = await source.read(after);
    following = { count, position };
    lookedAt = second;
    return count.look(raised, second);
  };
  return {
    look: () => {
      const turn = last.then(look, look); // a look that failed took nothing in: the next one reads it
      last = turn;
      return turn;
    },
  };
}
