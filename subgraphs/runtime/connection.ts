// Relay connections over keyset pages: the cursor is the sort key of a row, so a page costs the same wherever it is.
import { badInput, codedError } from '../../schema/errors.ts';

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface Page {
  readonly first: number;
  /** Sort key of the row before the page. */
  readonly after: readonly string[] | null;
}

/** How many there are without paging; a function is called only when somebody asks. */
export type Count = number | (() => Promise<number>);

export interface Connection<T> {
  readonly nodes: readonly T[];
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: Count;
  readonly asOf?: string | null;
}

const DEFAULT_FIRST = 50;
const MAX_FIRST = 500;

/** What a part of a sort key looks like: a cursor that was tampered with must not reach SQL. */
export const KEY_PARTS = {
  text: (part: string) => !part.includes('\0'), // the one character that PostgreSQL does not take
  uuid: (part: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(part),
  instant: (part: string) => /^\d{4}-.+Z$/.test(part) && !Number.isNaN(Date.parse(part)),
  number: (part: string) => /^\d{1,9}$/.test(part),
  sequence: (part: string) => /^\d{1,18}$/.test(part), // fits a bigint
} as const;

export type KeyPart = keyof typeof KEY_PARTS;

/** Checks the paging arguments; `key` names the parts of the list's sort key. */
export function pageOf({ first, after }: PageArguments, key: readonly KeyPart[]): Page {
  const size = first ?? DEFAULT_FIRST;
  if (size < 1 || size > MAX_FIRST) throw badInput(`first must be between 1 and ${MAX_FIRST}; it is ${size}.`);
  return { first: size, after: after === undefined || after === null ? null : decodeCursor(after, key) };
}

export interface ConnectionParts<T> {
  /** Rows in order: the page and, when there is one, the row after it. */
  readonly found: readonly T[];
  readonly page: Page;
  readonly totalCount: Count;
  keyOf(row: T): readonly string[];
  readonly asOf?: string | null;
}

export function connectionOf<T>({ found, page, totalCount, keyOf, asOf }: ConnectionParts<T>): Connection<T> {
  const nodes = found.slice(0, page.first);
  const edges = nodes.map(node => ({ cursor: encodeCursor(keyOf(node)), node }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: found.length > page.first,
      hasPreviousPage: page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
    ...(asOf === undefined ? {} : { asOf }),
  };
}

export const encodeCursor = (key: readonly string[]): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function decodeCursor(cursor: string, parts: readonly KeyPart[]): readonly string[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === parts.length && parts.every((part, i) => isPart(part, key[i]))) return key;
  } catch {
    // told below: a cursor that is no JSON is as wrong as one of another list
  }
  throw codedError('CURSOR_INVALID', 'This cursor is not one of this list: start without `after`.');
}

const isPart = (part: KeyPart, text: unknown): boolean => typeof text === 'string' && KEY_PARTS[part](text);

/** Keys that say the same in `by` together. */
export function groupedBy<K>(keys: readonly K[], by: (key: K) => string): K[][] {
  const groups = new Map<string, K[]>();
  for (const key of keys) groups.set(by(key), [...(groups.get(by(key)) ?? []), key]);
  return [...groups.values()];
}

/** For a loader whose keys mostly differ in the entity only: asks once for all keys that want the same page. */
export async function loadByPage<K extends { readonly page: Page }, V>(
  keys: readonly K[],
  load: (keys: readonly K[], page: Page) => Promise<readonly V[]>,
): Promise<V[]> {
  const loaded = new Map<K, V>();
  for (const group of groupedBy(keys, key => JSON.stringify(key.page))) {
    const values = await load(group, group[0]!.page);
    for (const [i, key] of group.entries()) loaded.set(key, values[i]!);
  }
  return keys.map(key => loaded.get(key)!);
}
