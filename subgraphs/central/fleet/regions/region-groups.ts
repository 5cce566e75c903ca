// The groups of regions that a log speaks of, for filters: also of those that joined since the last look at the table, and of
// those that have left.
import type { Sql } from '../../../runtime/sql.ts';
import { findLeftRegions } from '../mirror/departure-store.ts';
import type { LeftRegion } from './region.ts';
import { findRegions } from './region-store.ts';
import type { RegionWatch } from './region-watch.ts';

/** Null for a region without a group. */
export type GroupOf = (region: string) => string | null;

/** For events of these regions. Asks the database only where the filter is on groups and the table does not have a region. */
export async function groupLookup(
  sql: Sql,
  watch: Pick<RegionWatch, 'table'>,
  { groups }: { readonly groups?: readonly string[] | null },
  regions: readonly string[],
): Promise<GroupOf> {
  const table = watch.table();
  const unknown = groups ? [...new Set(regions)].filter(id => !table.has(id)) : [];
  const found =
    unknown.length === 0 ? [] : [...(await findLeftRegions(sql, unknown)), ...(await findRegions(sql, unknown))];
  const others = new Map(found.map(({ id, groupName }) => [id, groupName]));
  return id => table.get(id)?.region.groupName ?? others.get(id) ?? null;
}

/** The groups by which an event is told. Added again, a region may be in another group: whoever filters by either hears that it left. */
export const groupsToldOf = (left: LeftRegion | null | undefined, groupOf: GroupOf): readonly GroupOf[] =>
  left ? [groupOf, () => left.groupName] : [groupOf];
