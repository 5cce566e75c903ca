// What feeds must be told of contact with regions, and when the centre's own alarm of a lost region (280.001) must be
// open. Pure: both follow from the region table at each look, so neither can outlive its cause.
//
//   contact \ told    whole                stale                      stale, alarm open
//   ONLINE            -                    BACK once it is aligned    BACK once it is aligned, alarm cleared
//   STALE             STALE                -                          -
//   OFFLINE           STALE, alarm raised  alarm raised               -
//   NEVER             -                    -                          -
import type { RegionTable, WatchedRegion } from '../regions/region-watch.ts';

export interface PresenceChanges {
  readonly stale: readonly WatchedRegion[];
  readonly lost: readonly WatchedRegion[];
  readonly back: readonly WatchedRegion[];
}

/** `isAligned`: all that the region had when its connection began has been copied. */
export function presenceChanges(table: RegionTable, isAligned: (region: string) => boolean): PresenceChanges {
  const all = [...table.values()];
  const isOut = ({ contact }: WatchedRegion): boolean => contact.state === 'STALE' || contact.state === 'OFFLINE';
  return {
    stale: all.filter(seen => isOut(seen) && seen.region.staleSince === null),
    lost: all.filter(seen => seen.contact.state === 'OFFLINE' && !seen.region.offlineAlarm),
    back: all.filter(
      ({ region, contact }) => contact.state === 'ONLINE' && region.staleSince !== null && isAligned(region.id),
    ),
  };
}
