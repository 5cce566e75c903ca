// What happened to a mirrored host, as the log of host changes keeps it. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';

export type HostChangeKind = 'ADDED' | 'CHANGED' | 'REMOVED';

export interface HostChange {
  readonly region: string;
  readonly kind: HostChangeKind;
  readonly at: string;
  /** As it is now; of one that was removed: as it last was. */
  readonly host: MirrorHostRow;
  /** What was otherwise before: only the fields that changed. */
  readonly before: Partial<MirrorHostRow>;
}

/** Null when nothing happened. */
export function hostChange(before: MirrorHostRow | null, after: MirrorHostRow | null, at: string): HostChange | null {
  const host = after ?? before;
  if (host === null) return null;
  const { region } = host;
  if (before === null) return { region, kind: 'ADDED', at, host, before: {} };
  if (after === null) return { region, kind: 'REMOVED', at, host, before: {} };
  const changed = (Object.keys(after) as (keyof MirrorHostRow)[]).filter(
    field => !isDeepStrictEqual(before[field], after[field]),
  );
  if (changed.length === 0) return null;
  return { region, kind: 'CHANGED', at, host, before: Object.fromEntries(changed.map(f => [f, before[f]])) };
}

/** One region's hosts before and after, taken as wholes; by id. */
export function changesBetween(
  before: readonly MirrorHostRow[],
  after: readonly MirrorHostRow[],
  at: string,
): HostChange[] {
  const [was, is] = [before, after].map(hosts => new Map(hosts.map(host => [host.id, host])));
  return [...new Set([...was!.keys(), ...is!.keys()])]
    .sort()
    .map(id => hostChange(was!.get(id) ?? null, is!.get(id) ?? null, at))
    .filter(change => change !== null);
}
