// Whether a host is heard, by its last heartbeat and by when the region could hear at all. Pure.
import type { Config } from '../../../../runtime/config.ts';

export type HeartbeatSettings = Config['inventory']['heartbeat'];

/** UNKNOWN: nothing was heard since the region can hear, and that is not long ago. What was known before stays. */
export type Hearing = 'HEARD' | 'LATE' | 'SILENT' | 'UNKNOWN';

export interface Beats {
  /** Last heartbeat, in ms since 1970. */
  readonly heardAt: number;
  /** How often the host's agent beats, in ms. */
  readonly everyMs: number;
}

/** A beat is missed once half a beat more has passed: it may still be on its way. So the last one is missed before the next is due. */
const ON_ITS_WAY = 0.5;

/** `since`: from when on the region could hear. Times in ms since 1970. */
export function hearingOf(
  { heardAt, everyMs }: Beats,
  since: number,
  now: number,
  { degradeAfterMissed, failAfterMissed }: Pick<HeartbeatSettings, 'degradeAfterMissed' | 'failAfterMissed'>,
): Hearing {
  // a beat from the future is one from before the clock was set back: what is known of the time is `since`
  const last = heardAt > now ? since : Math.max(heardAt, since);
  const missed = (now - last) / everyMs - ON_ITS_WAY;
  if (missed >= failAfterMissed) return 'SILENT';
  if (missed >= degradeAfterMissed) return 'LATE';
  return heardAt >= since && heardAt <= now ? 'HEARD' : 'UNKNOWN';
}

/** Since when the region can hear. It cannot while it is stopped, stalled, or without its database. */
export interface Ear {
  /** To be called again and again; a call that comes much too late tells that the region was stalled. */
  listen(now: number): void;
  /** The region could not hear until now. */
  deaf(now: number): void;
  /** In ms since 1970. */
  since(): number;
}

/** `stalledAfterMs`: a longer pause between two calls was a stall. */
export function ear(stalledAfterMs: number, startedAt: number): Ear {
  let since = startedAt;
  let last = startedAt;
  const deaf = (now: number): void => {
    since = now;
  };
  return {
    listen: now => {
      // a clock that was set looks the same in either direction, and asks for the same care
      if (now - last > stalledAfterMs || now < last) deaf(now);
      last = now;
    },
    deaf,
    since: () => since,
  };
}
