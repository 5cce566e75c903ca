// What is different between two reports of one machine. Pure.
import { type Fact, type Facts, factsOf, type Machine, type Thing } from './hardware-facts.ts';

export type ChangeKind = 'ADDED' | 'REMOVED' | 'CHANGED';

export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
  readonly from: string | null;
  readonly to: string | null;
}

/** In the order of the sections. What one of the two agents does not tell of is no change. */
export function diffHardware(before: Machine, after: Machine): Change[] {
  const old = new Map(factsOf(before).map(section => [section.name, section.things]));
  return factsOf(after).flatMap(({ name, things }) => {
    const was = old.get(name);
    return was && things ? diffThings(was, things) : [];
  });
}

function diffThings(before: readonly Thing[], after: readonly Thing[]): Change[] {
  const was = new Map(before.map(thing => [thing.path, thing]));
  const is = new Map(after.map(thing => [thing.path, thing]));
  const gone = before.filter(({ path }) => !is.has(path));
  return [
    ...gone.map(({ path, summary }): Change => ({ path, kind: 'REMOVED', from: summary, to: null })),
    ...[...is.values()].flatMap(thing => {
      const old = was.get(thing.path);
      if (!old) return [{ path: thing.path, kind: 'ADDED', from: null, to: thing.summary } as const];
      return diffFacts(thing.path, old.facts, thing.facts);
    }),
  ];
}

function diffFacts(path: string, before: Facts, after: Facts): Change[] {
  const names = Object.keys(after).filter(
    name => before[name] !== undefined && after[name] !== undefined && before[name] !== after[name],
  );
  return names.map(name => ({
    path: path === '' ? name : `${path}.${name}`,
    kind: 'CHANGED',
    from: told(before[name]),
    to: told(after[name]),
  }));
}

const told = (fact: Fact): string | null => (fact === null || fact === undefined ? null : String(fact));
