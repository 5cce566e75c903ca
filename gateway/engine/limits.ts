// Refuses operations that would cost too much to plan or to run, before they do. Counting costs no more than reading the
// document: what a fragment holds is counted once, however often it is used.
import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import { codedError } from '../../schema/errors.ts';
import type { ClientOperation } from './selection.ts';

export interface OperationLimits {
  /** Levels of fields. */
  readonly depth: number;
  /** Fields, with every fragment opened wherever it is used. */
  readonly fields: number;
  /** Aliased fields, counted likewise. */
  readonly aliases: number;
  /** Directives, counted likewise. */
  readonly directives: number;
}

/** The widest operation of our own has about 200 fields at 10 levels. */
export const DEFAULT_LIMITS: OperationLimits = { depth: 30, fields: 5_000, aliases: 1_000, directives: 500 };

type Counts = { -readonly [name in keyof OperationLimits]: number };

/** Throws OPERATION_TOO_EXPENSIVE. */
export function checkLimits({ operation, fragments }: ClientOperation, limits: OperationLimits): void {
  const counts = countIn(operation.selectionSet, fragments, new Map());
  counts.directives += operation.directives?.length ?? 0;
  for (const name of ['depth', 'fields', 'aliases', 'directives'] as const)
    if (counts[name] > limits[name]) throw tooExpensive(name, counts[name], limits[name]);
}

const WORDS: Readonly<Record<keyof OperationLimits, string>> = {
  depth: 'levels of fields',
  fields: 'fields, with its fragments opened',
  aliases: 'aliases, with its fragments opened',
  directives: 'directives, with its fragments opened',
};

function tooExpensive(name: keyof OperationLimits, count: number, limit: number) {
  const told = count > Number.MAX_SAFE_INTEGER ? 'far more than' : `${count} where`;
  return codedError(
    'OPERATION_TOO_EXPENSIVE',
    `The operation has ${told} ${limit} ${WORDS[name]} are allowed: ask for less at once, or in several operations.`,
    { limit: name, allowed: limit },
  );
}

function countIn(
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Counts>,
): Counts {
  const total: Counts = { depth: 0, fields: 0, aliases: 0, directives: 0 };
  for (const selection of set.selections) {
    total.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      const below = selection.selectionSet ? countIn(selection.selectionSet, fragments, known) : null;
      total.fields++;
      if (selection.alias) total.aliases++;
      add(total, below, 1);
    } else if (selection.kind === Kind.INLINE_FRAGMENT)
      add(total, countIn(selection.selectionSet, fragments, known), 0);
    else add(total, countOf(selection.name.value, fragments, known), 0);
  }
  return total;
}

function countOf(
  name: string,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  known: Map<string, Counts>,
): Counts | null {
  const counted = known.get(name);
  if (counted) return counted;
  const fragment = fragments.get(name);
  if (!fragment) return null;
  known.set(name, { depth: 0, fields: 0, aliases: 0, directives: 0 }); // a circle, which validation refuses, ends here
  const counts = countIn(fragment.selectionSet, fragments, known);
  known.set(name, counts);
  return counts;
}

function add(total: Counts, below: Counts | null, levels: number): void {
  total.depth = Math.max(total.depth, levels + (below?.depth ?? 0));
  if (!below) return;
  total.fields += below.fields;
  total.aliases += below.aliases;
  total.directives += below.directives;
}
