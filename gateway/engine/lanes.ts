// Groups the fetches of a plan into units. A lane is a unit whose fetches all stay in one region once it is known which:
// each region goes through its lane by itself, waiting for no other region. Pure.
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { Path, Requirement } from '../../federation/fetch-plan.ts';

/** A fetch within its unit; `after` holds places within the unit. */
export interface UnitFetch {
  readonly compiled: CompiledFetch;
  readonly after: readonly number[];
}

export interface Unit {
  readonly fetches: readonly UnitFetch[];
  /** Units that must be done before, by place. */
  readonly after: readonly number[];
  /** Where a lane begins; null for a unit that is none. Empty for one that begins with root fields. */
  readonly lane: Path | null;
}

interface Draft {
  readonly fetches: { readonly compiled: CompiledFetch; readonly after: number[] }[];
  readonly members: Map<number, number>;
  /** Units before, and the units before those. */
  readonly before: Set<number>;
  readonly after: Set<number>;
  readonly lane: Path | null;
}

export function unitsOf(fetches: readonly CompiledFetch[], isSharded: (subgraph: string) => boolean): Unit[] {
  const drafts: Draft[] = [];
  const unitOf: number[] = [];
  for (const compiled of fetches) {
    const { after } = compiled.fetch;
    const canJoin = isSharded(compiled.fetch.subgraph) && compiled.fetch.kind === 'query';
    let at = canJoin ? drafts.findIndex(draft => joins(draft, compiled, unitOf)) : -1;
    if (at < 0) {
      const units = new Set(after.map(earlier => unitOf[earlier]!));
      const before = new Set([...units].flatMap(unit => [unit, ...drafts[unit]!.before]));
      const lane = canJoin ? beginOf(compiled) : null;
      at = drafts.push({ fetches: [], members: new Map(), before, after: units, lane }) - 1;
    }
    const draft = drafts[at]!;
    const local = after.flatMap(earlier => draft.members.get(earlier) ?? []);
    draft.members.set(compiled.index, draft.fetches.push({ compiled, after: local }) - 1);
    unitOf[compiled.index] = at;
  }
  return drafts.map(({ fetches: own, after, lane }) => ({ fetches: own, after: [...after], lane }));
}

/** A fetch joins a lane below whose begin it works, when it waits for nothing else than the lane itself does and finds its objects there. */
function joins(
  { lane, members, before, fetches }: Draft,
  { fetch }: CompiledFetch,
  unitOf: readonly number[],
): boolean {
  if (!lane) return false;
  const isBelow = fetch.inputs.length > 0 ? pathsOf(fetch).every(path => startsWith(path, lane)) : lane.length === 0;
  const isRoot = fetch.inputs.length === 0;
  const belongs = isRoot || lane.length > 0 || fetch.after.some(earlier => members.has(earlier));
  if (!isBelow || !belongs || !fetch.after.every(earlier => members.has(earlier) || before.has(unitOf[earlier]!)))
    return false;
  const own = fetches.map(({ compiled }) => compiled);
  return fetch.inputs.every(({ paths, requires }) =>
    paths.every(path => path.length === lane.length || isWritten(own, path, requires)),
  );
}

/** A door knows of the begin what it is told, and below it only what the lane itself has brought: nothing of other fetches. */
function isWritten(fetches: readonly CompiledFetch[], path: Path, requires: readonly Requirement[]): boolean {
  const names = namesAt(fetches, path);
  return requires.every(required => {
    if ('types' in required) return isWritten(fetches, path, required.fields);
    const { from, fields } = required;
    return names.has(from) && (!fields || isWritten(fetches, [...path, { field: from }], fields));
  });
}

const pathsOf = ({ inputs }: CompiledFetch['fetch']): Path[] => inputs.flatMap(({ paths }) => paths);

/** A fetch for objects at several paths begins no lane: it has no one begin. */
function beginOf({ fetch }: CompiledFetch): Path | null {
  if (fetch.inputs.length === 0) return fetch.path.length === 0 ? [] : null;
  const [first, ...others] = pathsOf(fetch);
  return first && others.every(other => other.length === first.length && startsWith(other, first)) ? first : null;
}

export function startsWith(path: Path, begin: Path): boolean {
  return (
    begin.length <= path.length && begin.every((segment, i) => JSON.stringify(segment) === JSON.stringify(path[i]))
  );
}

/** Names in the data that these fetches write into the objects at the path. */
export function namesAt(fetches: readonly CompiledFetch[], path: Path): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { fetch, selection } of fetches) {
    const begins =
      fetch.inputs.length === 0
        ? [{ begin: fetch.path, way: [] }]
        : fetch.inputs.flatMap(({ alias, paths }) => paths.map(begin => ({ begin, way: [alias] })));
    for (const { begin, way } of begins) {
      if (!startsWith(path, begin)) continue; // below, or elsewhere
      const rest = path.slice(begin.length).flatMap(segment => ('field' in segment ? [segment.field] : []));
      for (const name of selection.namesBelow([...way, ...rest])) names.add(name);
    }
  }
  return names;
}
