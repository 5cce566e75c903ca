// Which regions a filter speaks of. Pure.
import type { RegionContact } from '../contact/contact-state.ts';
import type { RegionTable } from './region-watch.ts';

export interface RegionScope {
  readonly regions?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
}

export function regionsInScope(
  table: RegionTable,
  { regions, groups }: RegionScope,
): { id: string; contact: RegionContact }[] {
  return [...table.values()]
    .filter(({ region }) => !regions || regions.includes(region.id))
    .filter(({ region }) => !groups || (region.groupName !== null && groups.includes(region.groupName)))
    .map(({ region, contact }) => ({ id: region.id, contact }));
}
