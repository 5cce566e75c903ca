// A unit made ready to be run: for a lane also what is sent to an edge door, as text as far as it is the same every time.

import type { FieldShape } from '../../federation/answer-shape.ts';
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { EntityInput, Fetch, Path } from '../../federation/fetch-plan.ts';
import { quote } from '../../federation/json-text.ts';
import { representationWriter } from '../../federation/representation.ts';
import type { RootPart } from '../../federation/run-fetches.ts';
import { type Target, targetsAt } from '../../federation/targets.ts';
import type { Unit, UnitFetch } from './lanes.ts';
import { type ShapedLane, shapedLane } from './shaped-answer.ts';

export type { UnitFetch } from './lanes.ts';

export interface CompiledUnit extends Unit {
  /** Collects the objects at which a lane of entities begins, as a fetch would; null when they cannot be told as one. */
  readonly begin: CompiledFetch | null;
  /** The plan for the door of a lane of entities, as a JSON string. */
  readonly planText: string;
  /** The plan for the door of a lane that begins with root fields, by the place of their fetches. */
  planFor(parts: ReadonlyMap<number, RootPart>): string;
  readonly variables: readonly string[];
  /** Of a lane of entities whose fields a door can write as the client gets them. */
  readonly shaped: ShapedLane | null;
  /** What is wrong with the shape of an object that a door sent back, or null. */
  shapeFlaw(root: Target): string | null;
}

/** `shape`: of the objects at which the lane begins (lane-shape.ts). */
export function compileUnit(unit: Unit, shape: readonly FieldShape[] | null): CompiledUnit {
  const { fetches, lane } = unit;
  const from = lane?.length ?? 0;
  const all = fetches.map(({ compiled }) => compiled.fetch);
  const shapeFlaw = laneCheck(fetches, from);
  const plan = planText(fetches, from, new Map());
  const begin = lane && lane.length > 0 ? beginOf(fetches, lane, shapeFlaw) : null;
  return {
    ...unit,
    shapeFlaw,
    begin,
    shaped: begin && shape ? shapedLane(shape, JSON.parse(plan)) : null,
    planText: plan,
    planFor: parts => planText(fetches, from, parts),
    variables: [...new Set(all.flatMap(({ variables }) => variables))],
  };
}

/** All fetches at the begin of the lane must ask for their objects in the same way. */
function beginOf(
  fetches: readonly UnitFetch[],
  lane: Path,
  shapeFlaw: CompiledUnit['shapeFlaw'],
): CompiledFetch | null {
  const inputs = fetches.flatMap(({ compiled }) =>
    compiled.fetch.inputs.filter(({ paths }) => paths.some(({ length }) => length === lane.length)),
  );
  const [first, ...others] = inputs;
  if (!first || others.some(({ requires }) => JSON.stringify(requires) !== JSON.stringify(first.requires))) return null;
  const { compiled } = fetches[0]!;
  const input: EntityInput = {
    alias: 'roots',
    variable: 'roots',
    paths: [lane],
    requires: first.requires,
    inputRewrites: [],
    outputRewrites: [],
  };
  const check = compiled.check && { identityFlaw: compiled.check.sentBackFlaw, shapeFlaw };
  return { ...compiled, inputs: [{ input, write: representationWriter(first.requires, []), check }] };
}

/** What every fetch of the lane wrote has the shape that it was asked for. Rewrites have been done: what they moved is not looked at. */
function laneCheck(fetches: readonly UnitFetch[], from: number): CompiledUnit['shapeFlaw'] {
  const places = fetches.flatMap(({ compiled: { inputs } }) =>
    inputs.flatMap(({ input, check }) => (check ? input.paths.map(path => ({ path, check })) : [])),
  );
  return root => {
    const roots = [root];
    for (const { path, check } of places)
      for (const target of path.length === from ? roots : targetsAt(roots, path, from)) {
        const flaw = check.shapeFlaw(target);
        if (flaw !== null) return flaw;
      }
    return null;
  };
}

/** Paths begin at the begin of the lane. A fetch of root fields of which the region has no part is left out. */
function planText(fetches: readonly UnitFetch[], from: number, parts: ReadonlyMap<number, RootPart>): string {
  const places = new Map<number, number>();
  const sent: Fetch[] = [];
  for (const [at, { compiled, after }] of fetches.entries()) {
    const { fetch, index } = compiled;
    const part = parts.get(index);
    if (fetch.inputs.length === 0 && !part) continue;
    places.set(at, sent.length);
    sent.push({
      ...fetch,
      operation: part?.operation ?? fetch.operation,
      inputs: fetch.inputs.map(input => ({ ...input, paths: input.paths.map(path => path.slice(from)) })),
      after: after.flatMap(earlier => places.get(earlier) ?? []),
    });
  }
  return quote(JSON.stringify({ fetches: sent }));
}

/** The request to an edge door; `plan` is the text of what says the plan, `variables` that of their values, `roots` of the list's items. */
export const doorRequest = (plan: string, variables: string, roots: string): string =>
  `{${plan},"variables":{${variables}},"roots":[${roots}]}`;
