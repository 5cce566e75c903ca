// Compiles a selection into functions that write the answer as JSON text: aliases, order, abstract types, null propagation,
// and no value that the public schema does not allow. One function per type and selection, made when first needed.
import {
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { jsonText, quote } from '../../federation/json-text.ts';
import { enumText, leafKindOf, leafText } from '../../federation/leaf-text.ts';
import { getOwn, isInherited, isObject } from '../../federation/own-property.ts';
import { type Completion, lieBelow, report } from './completion.ts';
import {
  type CollectedField,
  collectFields,
  nameInData,
  type SelectionContext,
  type TypedSelection,
} from './selection.ts';

/** A value as JSON text; '' for null. */
export type ValueWriter = (value: unknown, completion: Completion) => string;
type Item = Record<string, unknown>;

/** Writes the data of a whole answer; `null` when a null reached the top. */
export function answerWriter(
  context: SelectionContext,
  root: GraphQLCompositeType,
  set: TypedSelection['set'],
): (data: Item, completion: Completion) => string {
  const write = objectWriters(context)(root, [{ set, parent: root }]);
  return (data, completion) => write(data, completion) || 'null';
}

type ObjectWriters = (type: GraphQLCompositeType, selections: readonly TypedSelection[]) => ValueWriter;

/** Writers by type and selection: equal ones are made once. */
function objectWriters(context: SelectionContext): ObjectWriters {
  const known = new Map<string, ValueWriter>();
  const numbers = new Map<unknown, number>();
  const numberOf = (set: unknown): number => {
    if (!numbers.has(set)) numbers.set(set, numbers.size);
    return numbers.get(set)!;
  };
  const writersFor: ObjectWriters = (type, selections) => {
    const key = `${type.name} ${selections.map(({ set }) => numberOf(set)).join(' ')}`;
    let writer = known.get(key);
    if (!writer) {
      writer = compileObject(context, type, selections, writersFor);
      known.set(key, writer);
    }
    return writer;
  };
  return writersFor;
}

const NULL = 'Cannot return null for non-nullable';

function compileObject(
  context: SelectionContext,
  type: GraphQLCompositeType,
  selections: readonly TypedSelection[],
  writersFor: ObjectWriters,
): ValueWriter {
  const writers: ValueWriter[] = [];
  const lines: string[] = [];
  let before = '{';
  for (const [name, field] of collectFields(context, type, selections)) {
    const key = `${before}${quote(name)}:`;
    before = ',';
    if (field.node.name.value === '__typename') {
      // an object of an interface only: no subgraph said what it is
      lines.push(isObjectType(type) ? `s += ${JSON.stringify(`${key}${quote(type.name)}`)};` : `return '';`);
      continue;
    }
    const fieldType = typeOf(field);
    if (!fieldType) {
      lines.push(`s += ${JSON.stringify(key)} + h.jsonText(${access(name)});`); // introspection: written as it is
      continue;
    }
    const nullable = isNonNullType(fieldType) ? fieldType.ofType : fieldType;
    const place = `field ${field.parent.name}.${name}`;
    const at = writers.push(valueWriter(context.schema, nullable, place, field, writersFor)) - 1;
    const value = access(nameInData(context, type, field.node));
    lines.push(...fieldLines(name, key, value, isNonNullType(fieldType), place, at, isText(nullable)));
  }
  const body = [`let s = '', v, t, n;`, ...lines, `return ${before === '{' ? `'{}'` : `s + '}'`};`].join('\n');
  // the only names in the text are those of the schema and the document, always as quoted strings
  return new Function('w', 'h', `return function (o, c) {\n${body}\n}`)(writers, {
    getOwn,
    jsonText,
    quote,
    lieBelow,
    report,
  }) as ValueWriter;
}

function fieldLines(
  name: string,
  key: string,
  value: string,
  isRequired: boolean,
  place: string,
  at: number,
  isText: boolean,
): string[] {
  const keyed = JSON.stringify(key);
  const missing = isRequired
    ? `{ h.report(c, ${JSON.stringify(`${NULL} ${place}.`)}, [${JSON.stringify(name)}]); return ''; }`
    : `s += ${JSON.stringify(`${key}null`)};`;
  const text = isText ? `if (typeof v === 'string') s += ${keyed} + h.quote(v); else ` : '';
  return [
    `v = ${value};`,
    `${text}if (v === undefined || v === null) ${missing}`,
    // a part of the answer that is text already
    `else if (typeof v === 'symbol') s += ${keyed} + v.description;`,
    `else { n = c.count; t = w[${at}](v, c);`,
    `if (c.count !== n) h.lieBelow(c, n, ${JSON.stringify(name)});`,
    // why it is null has been told where it became null
    isRequired ? `if (t === '') return '';` : `if (t === '') t = 'null';`,
    `s += ${keyed} + t; }`,
  ];
}

const access = (name: string): string =>
  isInherited(name) ? `h.getOwn(o, ${JSON.stringify(name)})` : `o[${JSON.stringify(name)}]`;

function typeOf({ node, parent }: CollectedField): GraphQLOutputType | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value]?.type : undefined;
}

const isText = (type: GraphQLOutputType): boolean =>
  isLeafType(type) && !isEnumType(type) && !['Int', 'Float', 'Boolean'].includes(type.name);

/** Writes values of a nullable type that are not null themselves. */
function valueWriter(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  place: string,
  field: CollectedField,
  writersFor: ObjectWriters,
): ValueWriter {
  if (isListType(type)) return listWriter(schema, type.ofType, place, field, writersFor);
  if (isCompositeType(type)) return compositeWriter(schema, type, place, field, writersFor);
  return leafWriter(type as GraphQLLeafType, place);
}

function listWriter(
  schema: GraphQLSchema,
  itemType: GraphQLOutputType,
  place: string,
  field: CollectedField,
  writersFor: ObjectWriters,
): ValueWriter {
  const isRequired = isNonNullType(itemType);
  const nullable = isNonNullType(itemType) ? itemType.ofType : itemType;
  const write = valueWriter(schema, nullable as GraphQLOutputType, place, field, writersFor);
  return (value, completion) => {
    if (!Array.isArray(value)) return invalid(completion, `Invalid non-list value found for ${place}.`);
    let text = '[';
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const before = completion.count;
      let written = '';
      if (item === null || item === undefined) {
        if (isRequired) report(completion, `${NULL} array element of type ${String(nullable)} at index ${i}.`, []);
      } else written = write(item, completion);
      if (completion.count !== before) lieBelow(completion, before, i);
      if (written === '') {
        if (isRequired) return '';
        written = 'null';
      }
      text += i === 0 ? written : `,${written}`;
    }
    return `${text}]`;
  };
}

function compositeWriter(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  place: string,
  { selections }: CollectedField,
  writersFor: ObjectWriters,
): ValueWriter {
  let lastName: unknown;
  let last: ValueWriter | undefined; // objects of a list are mostly of one type
  return (value, completion) => {
    if (!isObject(value)) return invalid(completion, `Invalid value found for ${place}.`);
    const name = value['__typename'] ?? type.name;
    if (name !== lastName || !last) {
      const given = typeof name === 'string' ? schema.getType(name) : undefined;
      if (!isCompositeType(given)) return invalid(completion, `Invalid __typename found for object at ${place}.`);
      last = writersFor(given, selections);
      lastName = name;
    }
    return last(value, completion);
  };
}

function leafWriter(type: GraphQLLeafType, place: string): ValueWriter {
  const write = isEnumType(type) ? enumText(type.getValues().map(({ name }) => name)) : leafText(leafKindOf(type.name));
  return (value, completion) => write(value) || invalid(completion, `Invalid value found for ${place}.`);
}

function invalid(completion: Completion, message: string): string {
  report(completion, message, []);
  return '';
}
