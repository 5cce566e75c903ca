// Any valid operation of a schema: fragments, aliases, abstract types, @skip and @include, variables, arguments, __typename.
// An arbitrary of fast-check: it shrinks by asking for less.
import fc from 'fast-check';
import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import type { Question } from './engines.ts';
import { type Dice, diceOf } from './random.ts';

export interface OperationOptions {
  readonly kind?: 'query' | 'mutation';
  /** Fields of the root type that are asked for; all when left out. */
  readonly roots?: readonly string[];
  /** No field is called by another's name: the stock gateway reads keys by such aliases. */
  readonly withoutClashes?: boolean;
  /** The value of a leaf of an argument, as JSON; undefined for any. */
  readonly valueFor?: (argument: string, type: string, dice: Dice) => unknown;
}

const MOST_FIELDS = 40;
const DEEPEST = 7;

export function operationsOf(api: GraphQLSchema, options: OperationOptions = {}): fc.Arbitrary<Question> {
  return fc
    .tuple(fc.noShrink(fc.nat()), fc.integer({ min: 1, max: MOST_FIELDS }))
    .map(([seed, size]) => writeOperation(api, diceOf(seed), size, options))
    .filter(question => validate(api, question.document).length === 0);
}

interface Writing {
  readonly dice: Dice;
  readonly options: OperationOptions;
  readonly api: GraphQLSchema;
  readonly variables: Record<string, unknown>;
  readonly declarations: string[];
  readonly fragments: string[];
  /** Fields that may still be asked for. */
  left: number;
}

function writeOperation(api: GraphQLSchema, dice: Dice, size: number, options: OperationOptions): Question {
  const { kind = 'query' } = options;
  const root = kind === 'query' ? api.getQueryType()! : api.getMutationType()!;
  const writing: Writing = { dice, options, api, variables: {}, declarations: [], fragments: [], left: size };
  const selection = selectionOf(writing, root, 0);
  const declared = writing.declarations.length > 0 ? `(${writing.declarations.join(', ')})` : '';
  const text = [`${kind} Generated${declared} ${selection}`, ...writing.fragments].join('\n');
  return { document: parse(text) as DocumentNode, variables: writing.variables };
}

function selectionOf(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { dice } = writing;
  const parts: string[] = [];
  const count = 1 + dice.roll(depth === 0 ? 3 : 5);
  for (let i = 0; i < count && (writing.left > 0 || parts.length === 0); i++) {
    if (isAbstractType(type) ? dice.chance(60) : dice.chance(12)) parts.push(fragmentOf(writing, type, depth));
    else parts.push(isUnionType(type) ? '__typename' : fieldOf(writing, type, depth));
  }
  if (dice.chance(20)) parts.push('__typename');
  return `{ ${parts.join(' ')} }`;
}

function fragmentOf(writing: Writing, type: GraphQLCompositeType, depth: number): string {
  const { dice, api, fragments } = writing;
  const possible = isAbstractType(type) ? api.getPossibleTypes(type) : [];
  const on = possible.length > 0 && dice.chance(85) ? dice.one(possible) : type;
  const selection = selectionOf(writing, on, depth);
  if (dice.chance(50)) return `... on ${on.name}${conditionOf(writing)} ${selection}`;
  const name = `F${fragments.length}`;
  fragments.push(`fragment ${name} on ${on.name} ${selection}`);
  const spread = `...${name}${conditionOf(writing)}`;
  return dice.chance(15) ? `${spread} ...${name}` : spread;
}

function fieldOf(
  writing: Writing,
  type: Exclude<GraphQLCompositeType, { getTypes(): unknown }>,
  depth: number,
): string {
  const { dice, options } = writing;
  const all = Object.values(type.getFields());
  const roots = depth === 0 && options.roots ? all.filter(({ name }) => options.roots!.includes(name)) : all;
  const leaves = roots.filter(field => !isCompositeType(getNamedType(field.type)));
  const isDeep = depth >= DEEPEST || writing.left <= 1;
  const candidates = isDeep && leaves.length > 0 ? leaves : roots;
  if (isDeep && leaves.length === 0 && depth > 0) return '__typename';
  const field = dice.one(candidates);
  writing.left--;
  const given = argumentsOf(writing, field);
  const named = getNamedType(field.type);
  const selection = isCompositeType(named) ? ` ${selectionOf(writing, named, depth + 1)}` : '';
  return `${aliasOf(dice, field, given, options.withoutClashes ? [] : all)}${field.name}${given}${conditionOf(writing)}${selection}`;
}

/** What is asked for with arguments has a name of its own for each set of them: two under one name would be refused. */
function aliasOf(
  dice: Dice,
  field: GraphQLField<unknown, unknown>,
  given: string,
  siblings: readonly GraphQLField<unknown, unknown>[],
): string {
  if (siblings.length > 0 && dice.chance(5)) return `${dice.one(siblings).name}: `; // a name that plans may read another value by
  if (given !== '') return `${field.name}_${dice.roll(1_000_000)}: `;
  return dice.chance(20) ? `other_${field.name}: ` : '';
}

function argumentsOf(writing: Writing, { args }: GraphQLField<unknown, unknown>): string {
  const { dice } = writing;
  const given = args.flatMap(({ name, type, defaultValue }) => {
    const isNeeded = isNonNullType(type) && defaultValue === undefined;
    if (!isNeeded && dice.chance(50)) return [];
    const value = inputOf(writing, name, type);
    if (!dice.chance(40)) return [`${name}: ${literalOf(type, value)}`];
    const variable = `v${writing.declarations.length}`;
    writing.declarations.push(`$${variable}: ${type}`);
    writing.variables[variable] = value;
    return [`${name}: $${variable}`];
  });
  return given.length > 0 ? `(${given.join(', ')})` : '';
}

function inputOf(writing: Writing, name: string, type: GraphQLInputType): unknown {
  const { dice, options } = writing;
  if (isNonNullType(type)) return inputOf(writing, name, type.ofType);
  if (isListType(type)) return Array.from({ length: dice.roll(3) }, () => inputOf(writing, name, type.ofType));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(field => isNonNullType(field.type) || dice.chance(30));
    return Object.fromEntries(fields.map(field => [field.name, inputOf(writing, field.name, field.type)]));
  }
  const chosen = options.valueFor?.(name, type.name, dice);
  if (chosen !== undefined) return chosen;
  if (isEnumType(type)) return dice.one(type.getValues()).name;
  if (type.name === 'Int') return dice.roll(50);
  if (type.name === 'Float') return dice.roll(50) / 4;
  if (type.name === 'Boolean') return dice.chance(50);
  return `${name} ${dice.roll(9)}`;
}

function literalOf(type: GraphQLInputType, value: unknown): string {
  if (isNonNullType(type)) return literalOf(type.ofType, value);
  if (isListType(type)) return `[${(value as unknown[]).map(item => literalOf(type.ofType, item)).join(', ')}]`;
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const parts = Object.entries(value as object).map(
      ([name, part]) => `${name}: ${literalOf(fields[name]!.type, part)}`,
    );
    return `{ ${parts.join(', ')} }`;
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}

function conditionOf({ dice, declarations, variables }: Writing): string {
  if (!dice.chance(12)) return '';
  const directive = dice.one(['skip', 'include']);
  const value = dice.chance(50);
  if (dice.chance(30)) return ` @${directive}(if: ${value})`;
  const variable = `v${declarations.length}`;
  const hasDefault = dice.chance(30);
  declarations.push(`$${variable}: Boolean${hasDefault ? ` = ${value}` : '!'}`);
  if (!hasDefault) variables[variable] = value;
  return ` @${directive}(if: $${variable})`;
}
