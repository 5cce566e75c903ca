// What a region of another release knows of an operation and its input; the rest is left out. Pure.
import { type Asked, type Operation, queryOf } from '../operations.ts';
import type { KnownType, RegionSchema, TypeRef } from './region-schema.ts';

/** Says what was left out: `ReportHostInput.sensors`, `DeviceKind.FPGA`. */
type Note = (coordinate: string) => void;

/** The operation with what the region knows of its answer; null when it does not know the operation. */
export function knownOperation<Answer>(
  operation: Operation<Answer>,
  schema: RegionSchema,
  note: Note,
): Operation<Answer> | null {
  const field = schema.mutation(operation.name);
  if (!field?.input) {
    note(`Mutation.${operation.name}`);
    return null;
  }
  const asks = knownPart(operation.asks, field.type, schema, note);
  return { ...operation, asks, query: queryOf(operation.name, textOf(field.input), asks) };
}

function knownPart(asks: Asked, type: TypeRef, schema: RegionSchema, note: Note): Asked {
  const known = schema.type(nameOf(type));
  return Object.fromEntries(
    Object.entries(asks).flatMap(([name, below]): [string, Asked | null][] => {
      const field = known?.fields.get(name);
      if (field) return [[name, below && knownPart(below, field.type, schema, note)]];
      note(`${nameOf(type)}.${name}`);
      return [];
    }),
  );
}

/** The value with what the region knows of it; undefined when nothing is left that it would take. */
export function knownValue(value: unknown, type: TypeRef, schema: RegionSchema, note: Note): unknown {
  if (value === null || value === undefined) return value;
  if (type.kind === 'NON_NULL') return knownValue(value, type.ofType!, schema, note);
  if (type.kind === 'LIST') {
    const known = (value as readonly unknown[]).map(item => knownValue(item, type.ofType!, schema, note));
    return known.filter(item => item !== undefined);
  }
  const named = schema.type(type.name);
  if (named?.values) return knownWord(value, named, note);
  return named && type.kind === 'INPUT_OBJECT' ? knownFields(value as object, named, schema, note) : value;
}

function knownWord(value: unknown, { name, values }: KnownType, note: Note): unknown {
  if (values!.has(value as string)) return value;
  note(`${name}.${value}`);
  return values!.has('OTHER') ? 'OTHER' : undefined;
}

/** Without what is not known; undefined when the region insists on that. */
function knownFields(value: object, { name, fields }: KnownType, schema: RegionSchema, note: Note): unknown {
  const known: Record<string, unknown> = {};
  for (const [field, part] of Object.entries(value)) {
    if (part === undefined) continue; // is not sent either
    const there = fields.get(field);
    if (!there) {
      note(`${name}.${field}`);
      continue;
    }
    const taken = knownValue(part, there.type, schema, note);
    if (taken !== undefined) known[field] = taken;
    else if (there.type.kind === 'NON_NULL') return undefined;
  }
  return known;
}

const nameOf = (type: TypeRef): string | null => (type.ofType ? nameOf(type.ofType) : type.name);

/** As it is written in a document: `[Input!]!`. */
function textOf(type: TypeRef): string {
  if (type.kind === 'NON_NULL') return `${textOf(type.ofType!)}!`;
  return type.kind === 'LIST' ? `[${textOf(type.ofType!)}]` : String(type.name);
}
