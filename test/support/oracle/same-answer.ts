// Whether two answers are the same: the data to the last character and key order, the errors by path and code. What the
// oracle itself gets wrong is named here, each with its reason, and nothing else is excused.
import { type DocumentNode, print, visit } from 'graphql';
import type { Question } from './engines.ts';
import type { Answer } from './federation.ts';
import { sortedJson } from './random.ts';

/**
 * Where several failures of fields make one object null, the one that is told may be another than the oracle's; `failures`
 * are all that the specification knows of. Known defects of @apollo/gateway 2.14:
 * - It counts representations where it should count places: with abstract lists, or items that it skips, the list indexes
 *   in the path of an error are those of another item. So paths are compared without their indexes.
 * - It tells the same failure once per fetch that met it. So the errors are compared as sets.
 * - An error of a whole fetch has no path. So such an error of the oracle only has to be told in some way.
 * - It fetches fields of an interface object for types of which nobody asked them, and tells their errors. So an error at a
 *   field that its own answer does not have need not be told.
 * - It orders by its own, merged form of the operation: what is asked of one object in several places may come in another
 *   order than the specification's. So the order of keys is compared only where nothing is asked twice.
 */
export function differences(
  { document }: Question,
  given: Answer,
  oracle: Answer,
  failures: Specified['failures'] = [],
): string[] {
  const found: string[] = [];
  const textOf = asksTwice(document) ? sortedJson : JSON.stringify;
  const [data, right] = [textOf(given.data ?? null), textOf(oracle.data ?? null)];
  if (data !== right) found.push(`data differs from character ${firstDifference(data, right)}:\n${data}\n${right}`);
  const [told, known] = [placesOf(given), placesOf(oracle)];
  const unasked = placesOf({ ...oracle, errors: (oracle.errors ?? []).filter(error => isUnasked(error, oracle.data)) });
  const isPathless = (place: string): boolean => place.endsWith(' at no path');
  const others = placesOf({ data: oracle.data ?? null, errors: failures });
  const isOfNull = (place: string, told: ReadonlySet<string>): boolean =>
    others.has(place) && [...told].some(other => others.has(other) && whereOf(other) === whereOf(place));
  const missing = [...known].filter(
    place => !told.has(place) && !isPathless(place) && !unasked.has(place) && !isOfNull(place, told),
  );
  const added = [...told].filter(place => !known.has(place) && !isOfNull(place, known));
  const hasPathless = [...known].some(isPathless);
  if (missing.length > 0) found.push(`errors that only the oracle has: ${missing.join(', ')}`);
  if (added.length > 0 && !hasPathless) found.push(`errors that the oracle does not have: ${added.join(', ')}`);
  if (hasPathless && told.size === 0) found.push('an error of the oracle that has no path is told nowhere');
  return found;
}

export interface Specified {
  readonly answer: Answer;
  /** Every failure, of which an answer has to tell only the nearest to each null. */
  readonly failures: NonNullable<Answer['errors']>;
}

/**
 * From the answer by the specification: the data to the last character, whatever is asked twice; each error at its place,
 * list indexes too. Where several failures make one object null, any of them may be told, and one must be.
 */
export function departures(given: Answer, { answer, failures }: Specified): string[] {
  const [data, right] = [JSON.stringify(given.data ?? null), JSON.stringify(answer.data ?? null)];
  if (data !== right) return [`data differs from character ${firstDifference(data, right)}:\n${data}\n${right}`];
  const placeOf = ({ path, extensions }: Told): string =>
    `${extensions?.['code'] ?? 'no code'} at ${path ? upToNull(path, answer.data).join('.') : 'no path'}`;
  const nullOf = ({ path = [] }: Told): string => upToNull(path, answer.data).join('.');
  const told = given.errors ?? [];
  const possible = new Set(failures.map(placeOf));
  const explained = new Set(told.map(nullOf));
  const added = told.map(placeOf).filter(place => !possible.has(place));
  const missing = (answer.errors ?? []).filter(error => !explained.has(nullOf(error))).map(placeOf);
  return [
    ...added.map(place => `an error that nothing explains: ${place}`),
    ...missing.map(place => `an error that is not told: ${place}`),
  ];
}

type Told = NonNullable<Answer['errors']>[number];

/** From the nearest of several right answers. */
export const leastDifference = (
  question: Question,
  given: Answer,
  right: readonly Answer[],
  failures: Specified['failures'] = [],
): string[] =>
  right.map(answer => differences(question, given, answer, failures)).toSorted((a, b) => a.length - b.length)[0]!;

export const described = ({ document, variables }: Question): string =>
  `${print(document)}\n${JSON.stringify(variables)}`;

const whereOf = (place: string): string => place.slice(place.indexOf(' at '));

function placesOf({ data, errors = [] }: Answer): Set<string> {
  return new Set(
    errors.map(({ path, extensions }) => {
      const names = path && upToNull(path, data).filter(segment => typeof segment === 'string');
      return `${extensions?.['code'] ?? 'no code'} at ${names?.join('.') ?? 'no path'}`;
    }),
  );
}

/** Of several fields that make one object null it is the first in the subgraph's operation that is told: any of them may be. */
function upToNull(path: readonly (string | number)[], data: unknown): readonly (string | number)[] {
  let value: unknown = data;
  for (const [at, segment] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, at);
    value = (value as Record<string | number, unknown>)[segment];
  }
  return path;
}

function isUnasked({ path = [] }: Told, data: unknown): boolean {
  let value: unknown = data;
  for (const segment of path) {
    if (value === null || value === undefined) return false;
    value = (value as Record<string | number, unknown>)[segment];
    if (value === undefined && typeof segment === 'string') return true;
  }
  return false;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** Whether a field with fields of its own is written twice, or a fragment spread twice, anywhere. */
function asksTwice(document: DocumentNode): boolean {
  const seen = new Set<string>();
  let twice = false;
  const see = (name: string): void => {
    twice ||= seen.has(name);
    seen.add(name);
  };
  visit(document, {
    Field: ({ alias, name, selectionSet }) => (selectionSet ? see((alias ?? name).value) : undefined),
    FragmentSpread: ({ name }) => see(`...${name.value}`),
    FragmentDefinition: ({ typeCondition }) => see(`on ${typeCondition.name.value}`),
    InlineFragment: ({ typeCondition }) => see(`on ${typeCondition?.name.value}`),
  });
  return twice;
}
