// Finds the objects at a path of the answer, and the paths of objects. Pure.
import type { Path } from './fetch-plan.ts';
import { getOwn, isInherited } from './own-property.ts';

export type Target = Record<string, unknown>;
export type AnswerPath = readonly (string | number)[];

/** The objects at `path`, from its segment `from` on, below `roots`, in the order of the answer. */
export function targetsAt(roots: readonly unknown[], path: Path, from = 0): Target[] {
  let level = roots;
  for (let i = from; i < path.length; i++) {
    const segment = path[i]!;
    const next: unknown[] = [];
    if ('field' in segment) stepInto(level, segment.field, next);
    else if ('list' in segment) for (const value of level) pushItems(value, next);
    else for (const value of level) if (isOneOf(value, segment.types)) next.push(value);
    level = next;
  }
  const found: Target[] = [];
  for (const value of level) pushObjects(value, found);
  return found;
}

function stepInto(level: readonly unknown[], field: string, next: unknown[]): void {
  const inherited = isInherited(field);
  for (const value of level) {
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      stepInto(value, field, next);
      continue;
    }
    const below = inherited ? getOwn(value, field) : (value as Target)[field];
    if (below !== undefined && below !== null) next.push(below);
  }
}

function pushItems(value: unknown, next: unknown[]): void {
  if (Array.isArray(value)) for (const item of value) if (item !== null && item !== undefined) next.push(item);
}

function pushObjects(value: unknown, found: Target[]): void {
  if (Array.isArray(value)) for (const item of value) pushObjects(item, found);
  else if (typeof value === 'object' && value !== null) found.push(value as Target);
}

const isOneOf = (value: unknown, types: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && types.includes((value as Target)['__typename'] as string);

/** Where each object at `path` stands in the answer; one that stands in several places has several. */
export function placesAt(root: unknown, path: Path): Map<Target, AnswerPath[]> {
  const places = new Map<Target, AnswerPath[]>();
  walk(root, path, 0, [], (target, place) => {
    const known = places.get(target);
    if (known) known.push(place);
    else places.set(target, [place]);
  });
  return places;
}

function walk(
  value: unknown,
  path: Path,
  at: number,
  place: AnswerPath,
  visit: (target: Target, place: AnswerPath) => void,
): void {
  if (typeof value !== 'object' || value === null) return;
  const segment = path[at];
  if (Array.isArray(value)) {
    const next = segment && 'list' in segment ? at + 1 : at;
    for (const [i, item] of value.entries()) walk(item, path, next, [...place, i], visit);
  } else if (!segment) visit(value as Target, place);
  else if ('field' in segment) walk(getOwn(value, segment.field), path, at + 1, [...place, segment.field], visit);
  else if ('types' in segment && isOneOf(value, segment.types)) walk(value, path, at + 1, place, visit);
}
