// Merges what a subgraph answered into the data that is there. In place, and without a copy where nothing is there yet.
import { getOwn, isInherited, isObject, setOwn } from './own-property.ts';

/** Later values win; objects are merged, and lists of equal length item by item. */
export function mergeInto(target: Record<string, unknown>, source: Record<string, unknown>): void {
  for (const name in source) {
    const given = source[name];
    if (given === undefined) continue;
    const there = isInherited(name) ? getOwn(target, name) : target[name];
    if (there === undefined || there === null || typeof given !== 'object' || given === null) {
      setOwn(target, name, given);
      continue;
    }
    if (Array.isArray(given)) {
      if (Array.isArray(there) && there.length === given.length) mergeLists(there, given);
      else setOwn(target, name, given);
    } else if (isObject(there)) mergeInto(there, given as Record<string, unknown>);
    else setOwn(target, name, given);
  }
}

function mergeLists(target: unknown[], source: readonly unknown[]): void {
  for (let i = 0; i < source.length; i++) {
    const there = target[i];
    const given = source[i];
    if (isObject(there) && isObject(given)) mergeInto(there, given);
    else if (Array.isArray(there) && Array.isArray(given) && there.length === given.length) mergeLists(there, given);
    else target[i] = given;
  }
}

/** A copy that shares no object with the original. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  const copy: Record<string, unknown> = {};
  for (const name in value) setOwn(copy, name, copyOf((value as Record<string, unknown>)[name]));
  return copy as T;
}
