// Applies a plan's rewrites: a value that is set or a field that is renamed at a path. In place.
import type { Path, Rewrite } from './fetch-plan.ts';
import { getOwn, setOwn } from './own-property.ts';

export function applyRewrites(rewrites: readonly Rewrite[], data: unknown): void {
  for (const rewrite of rewrites) applyAt(rewrite.path, 0, data, rewrite);
}

function applyAt(path: Path, at: number, value: unknown, rewrite: Rewrite): void {
  if (Array.isArray(value)) {
    for (const item of value) applyAt(path, at, item, rewrite);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const segment = path[at];
  if (!segment || 'list' in segment) return;
  if ('types' in segment) {
    const typename = getOwn(value, '__typename');
    // what carries no type name is taken to be of the type that was planned for
    if (typename === undefined || segment.types.includes(String(typename))) applyAt(path, at + 1, value, rewrite);
  } else if (at < path.length - 1) applyAt(path, at + 1, getOwn(value, segment.field), rewrite);
  else if ('set' in rewrite) setOwn(value, segment.field, rewrite.set);
  else renameField(value as Record<string, unknown>, segment.field, rewrite.rename);
}

function renameField(object: Record<string, unknown>, from: string, to: string): void {
  const value = getOwn(object, from);
  if (value === undefined) return;
  setOwn(object, to, value);
  setOwn(object, from, undefined); // a deleted property would make the object slow for good
}
