// Turns what a fetch requires of an object into a function that writes the object's representation as JSON text. The text
// is also what two equal representations are told by.
import type { Requirement, Rewrite } from './fetch-plan.ts';
import { jsonText, narrow, quote } from './json-text.ts';
import { getOwn, isInherited } from './own-property.ts';
import { applyRewrites } from './rewrites.ts';
import type { Target } from './targets.ts';

/** The representation of an object, or null when the object lacks what is required or is of no fitting type. */
export type RepresentationWriter = (object: Target) => string | null;

const MOST_TYPES = 1_000; // names of types come from subgraphs: no answer may fill the memory

export function representationWriter(
  requires: readonly Requirement[],
  inputRewrites: readonly Rewrite[],
): RepresentationWriter {
  const byType = new Map<string, RepresentationWriter>();
  return object => {
    const typename = object['__typename'];
    if (typeof typename !== 'string') return null;
    let writer = byType.get(typename);
    if (!writer) {
      writer = writerFor(typename, requires, inputRewrites);
      if (byType.size < MOST_TYPES) byType.set(typename, writer);
    }
    return writer(object);
  };
}

function writerFor(
  typename: string,
  requires: readonly Requirement[],
  rewrites: readonly Rewrite[],
): RepresentationWriter {
  const fields = fieldsFor(requires, typename);
  if (!fields.has('__typename')) return () => null;
  const told = typenameAfter(typename, rewrites);
  if (told !== null) return fieldsWriter(fields, told);
  const write = fieldsWriter(fields, null);
  return object => {
    const text = write(object);
    if (text === null) return null;
    const representation = JSON.parse(text) as Target;
    applyRewrites(rewrites, representation);
    return JSON.stringify(representation);
  };
}

/** The type name that simple rewrites leave; null when they change anything else. */
function typenameAfter(typename: string, rewrites: readonly Rewrite[]): string | null {
  let told = typename;
  for (const rewrite of rewrites) {
    const last = rewrite.path.at(-1);
    if (!('set' in rewrite) || !last || !('field' in last) || last.field !== '__typename') return null;
    const conditions = rewrite.path.slice(0, -1);
    if (!conditions.every(segment => 'types' in segment)) return null;
    if (conditions.every(segment => 'types' in segment && segment.types.includes(told))) told = rewrite.set;
  }
  return told;
}

interface CopiedField {
  readonly from: string;
  readonly fields: Requirement[] | null;
}

/** The fields that a type gives, by the name that they are sent under; those of several fragments are merged. */
function fieldsFor(requires: readonly Requirement[], typename: string | undefined): Map<string, CopiedField> {
  const found = new Map<string, CopiedField>();
  const add = (selections: readonly Requirement[]): void => {
    for (const selection of selections) {
      if ('types' in selection) {
        if (typename !== undefined && selection.types.includes(typename)) add(selection.fields);
        continue;
      }
      const known = found.get(selection.to);
      if (known?.fields && selection.fields) known.fields.push(...selection.fields);
      else if (!known) found.set(selection.to, { from: selection.from, fields: selection.fields?.slice() ?? null });
    }
  };
  add(requires);
  return found;
}

interface FieldWriter {
  readonly before: string;
  readonly from: string;
  readonly isInherited: boolean;
  readonly write: (value: unknown) => string;
}

/** `told` stands for the object's own type name. */
function fieldsWriter(fields: ReadonlyMap<string, CopiedField>, told: string | null): RepresentationWriter {
  const writers: FieldWriter[] = [];
  let before = '{';
  let isFirst = true;
  for (const [name, { from, fields: nested }] of fields) {
    before += `${isFirst ? '' : ','}${quote(name)}:`;
    isFirst = false;
    if (name === '__typename' && told !== null) {
      before += quote(told);
      continue;
    }
    writers.push({
      before: narrow(before),
      from,
      isInherited: isInherited(from),
      write: nested ? nestedWriter(nested) : jsonText,
    });
    before = '';
  }
  const end = narrow(`${before}}`);
  return object => {
    let text = '';
    for (const field of writers) {
      const value = field.isInherited ? getOwn(object, field.from) : object[field.from];
      if (value === undefined) return null;
      text += field.before + field.write(value);
    }
    return text + end;
  };
}

/** What lacks a required field within a required object is null: the whole object was not given. */
function nestedWriter(requires: readonly Requirement[]): (value: unknown) => string {
  const byType = new Map<unknown, RepresentationWriter>();
  const write = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
    if (typeof value !== 'object' || value === null) return 'null';
    const typename = (value as Target)['__typename'];
    let writer = byType.get(typename);
    if (!writer) {
      writer = fieldsWriter(fieldsFor(requires, typeof typename === 'string' ? typename : undefined), null);
      if (byType.size < MOST_TYPES) byType.set(typename, writer);
    }
    return writer(value as Target) ?? 'null';
  };
  return write;
}
