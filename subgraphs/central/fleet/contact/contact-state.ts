// Judges contact with a region from its last heartbeat alone. Derived at each look, never stored: so it cannot be stale.
import { BEAT_MS } from '../../../../runtime/line-stream.ts';
import type { RegionRow } from '../regions/region.ts';

export type RegionContactState = 'ONLINE' | 'STALE' | 'OFFLINE' | 'NEVER';

export interface RegionContact {
  readonly state: RegionContactState;
  readonly lastContactAt: string | null;
  /** When this was judged. */
  readonly asOf: string;
  readonly reason: string | null;
}

/** Two missed heartbeats, and a second for their way into the database. */
export const STALE_AFTER_MS = 2 * BEAT_MS + 1_000;
/** Leaves two seconds until the promised ten. */
export const OFFLINE_AFTER_MS = 8_000;

export function contactOf(region: Pick<RegionRow, 'lastContactAt' | 'contactReason'>, now: Date): RegionContact {
  const state = stateOf(region.lastContactAt, now);
  return {
    state,
    lastContactAt: region.lastContactAt,
    asOf: now.toISOString(),
    reason: state === 'ONLINE' ? null : (region.contactReason ?? 'no heartbeat'),
  };
}

function stateOf(lastContactAt: string | null, now: Date): RegionContactState {
  if (lastContactAt === null) return 'NEVER';
  const silence = now.getTime() - Date.parse(lastContactAt);
  if (silence < STALE_AFTER_MS) return 'ONLINE';
  return silence < OFFLINE_AFTER_MS ? 'STALE' : 'OFFLINE';
}
