// Writes the values of scalars and enums as JSON text, as strictly as the public schema has them.
import { jsonText, quote } from './json-text.ts';

export type LeafKind = 'Int' | 'Float' | 'Boolean' | 'ID' | 'String' | 'Any';

/** '' for a value that the type does not have. */
export type LeafText = (value: unknown) => string;

const INTEGER = /^-?\d+$/;

/** `Any` is a scalar of a schema's own: any JSON. */
export function leafText(kind: LeafKind): LeafText {
  switch (kind) {
    case 'Int':
      return value => (typeof value === 'number' && INTEGER.test(`${value}`) ? `${value}` : '');
    case 'Float':
      return value => (typeof value === 'number' ? jsonText(value) : '');
    case 'Boolean':
      return value => (typeof value === 'boolean' ? `${value}` : '');
    case 'ID':
      return value =>
        typeof value === 'string' || (typeof value === 'number' && INTEGER.test(`${value}`)) ? jsonText(value) : '';
    case 'String':
      return value => (typeof value === 'string' ? quote(value) : '');
    case 'Any':
      return jsonText;
  }
}

const KINDS: ReadonlySet<string> = new Set<LeafKind>(['Int', 'Float', 'Boolean', 'ID', 'String']);

/** By the name of a scalar. */
export const leafKindOf = (scalar: string): LeafKind => (KINDS.has(scalar) ? (scalar as LeafKind) : 'Any');

export function enumText(values: readonly string[]): LeafText {
  const texts = new Map<unknown, string>(values.map(name => [name, quote(name)]));
  return value => texts.get(value) ?? '';
}
