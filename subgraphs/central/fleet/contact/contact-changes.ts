// Each change of contact with a region, as a stream: the differences between two looks at the region table.
import type { RegionRow } from '../regions/region.ts';
import type { RegionTable, RegionWatch } from '../regions/region-watch.ts';
import type { RegionContactState } from './contact-state.ts';

export interface RegionContactChange {
  readonly region: RegionRow;
  readonly previous: RegionContactState;
  readonly state: RegionContactState;
  readonly at: string;
  readonly reason: string | null;
}

export function changesBetween(before: RegionTable, now: RegionTable): RegionContactChange[] {
  return [...now.values()].flatMap(({ region, contact }) => {
    const previous = before.get(region.id)?.contact.state;
    if (previous === undefined || previous === contact.state) return [];
    return [{ region, previous, state: contact.state, at: contact.asOf, reason: contact.reason }];
  });
}

export async function* contactChanges(watch: RegionWatch): AsyncGenerator<RegionContactChange> {
  let pending: RegionContactChange[] = [];
  let wake: () => void = () => {};
  const stop = watch.onLook((now, before) => {
    pending.push(...changesBetween(before, now));
    if (pending.length > 0) wake();
  });
  try {
    for (;;) {
      if (pending.length === 0)
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      const ready = pending;
      pending = [];
      yield* ready;
    }
  } finally {
    stop();
  }
}
