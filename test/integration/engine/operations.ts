// Makes valid operations of a schema by chance: fragments, aliases, abstract types, @skip and @include, variables, lists of
// lists, introspected type names. The same seed makes the same operation.
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from 'graphql';

export interface MadeOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** @apollo/gateway mistakes a field asked with one argument for the same one required with another: tested by itself. */
const LEFT_OUT = new Set(['duty', 'customs']);

/** A small, even generator: mulberry32. */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Null when this seed makes none that is valid: fields of one name that cannot be merged. */
export function operationFrom(
  schema: GraphQLSchema,
  seed: number,
  root: 'query' | 'mutation' = 'query',
): MadeOperation | null {
  const chance = chances(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(chance() * items.length)]!;
  const fragments: string[] = [];
  const variables = new Map<string, { type: string; value: unknown }>();

  const literal = (type: GraphQLInputType): string => {
    const named = getNamedType(type);
    if (isEnumType(named)) return pick(named.getValues()).name;
    switch (named.name) {
      case 'Int':
        return String(Math.floor(chance() * 4));
      case 'Boolean':
        return String(chance() < 0.5);
      case 'ID':
        return JSON.stringify(String(1 + Math.floor(chance() * 6)));
      default:
        return JSON.stringify(pick(['EUR', 'USD', 'é"']));
    }
  };
  const value = (type: GraphQLInputType): string => {
    const text = literal(type);
    if (chance() < 0.6) return text;
    const name = `v${variables.size}`;
    variables.set(name, { type: String(type), value: isEnumType(getNamedType(type)) ? text : JSON.parse(text) });
    return `$${name}`;
  };
  const condition = (): string => {
    if (chance() > 0.15) return '';
    const name = `b${Math.floor(chance() * 3)}`;
    if (chance() < 0.8 && !variables.has(name)) variables.set(name, { type: 'Boolean!', value: chance() < 0.5 });
    return ` @${pick(['skip', 'include'])}(if: ${variables.has(name) ? `$${name}` : pick(['true', 'false'])})`;
  };
  const field = (definition: GraphQLField<unknown, unknown>, depth: number): string => {
    const type = getNamedType(definition.type);
    const given = definition.args.filter(arg => isNonNullType(arg.type) || chance() < 0.5);
    const args = given.length > 0 ? `(${given.map(arg => `${arg.name}: ${value(arg.type)}`).join(', ')})` : '';
    const alias =
      given.length > 0 || chance() < 0.15
        ? `${pick(['p', 'q', 'r', 's', 'constructor'])}${Math.floor(chance() * 40)}: `
        : '';
    const below = isCompositeType(type) ? ` ${selection(type, depth - 1)}` : '';
    return `${alias}${definition.name}${args}${condition()}${below}`;
  };
  const conditionsOf = (type: GraphQLCompositeType): readonly GraphQLCompositeType[] =>
    isObjectType(type) ? [type, ...type.getInterfaces()] : [type, ...schema.getPossibleTypes(type)];
  const selection = (type: GraphQLCompositeType, depth: number): string => {
    const parts: string[] = [];
    const fields = isUnionType(type) ? [] : Object.values(type.getFields()).filter(({ name }) => !LEFT_OUT.has(name));
    const fitting = fields.filter(({ type: of }) => depth > 0 || !isCompositeType(getNamedType(of)));
    const count = 1 + Math.floor(chance() * 3);
    for (let i = 0; i < count && fitting.length > 0; i++) parts.push(field(pick(fitting), depth));
    if (chance() < 0.25 || parts.length === 0) parts.push(chance() < 0.2 ? 't: __typename' : '__typename');
    if (depth > 0 && chance() < (isObjectType(type) ? 0.15 : 0.7)) {
      const on = pick(conditionsOf(type));
      const inner = selection(on, depth - 1);
      if (chance() < 0.3) {
        const name = `F${fragments.length}`;
        fragments.push(`fragment ${name} on ${on.name} ${inner}`);
        parts.push(`...${name}${condition()}`);
        if (chance() < 0.3) parts.push(`...${name}`);
      } else parts.push(`... on ${on.name}${condition()} ${inner}`);
    }
    return `{ ${parts.join(' ')} }`;
  };

  const type = schema.getRootType(root as never)!;
  const body = selection(type, 4);
  const head = [...variables].map(([name, { type: of }]) => `$${name}: ${of}`).join(', ');
  const query = `${root} Made${head === '' ? '' : `(${head})`} ${body}\n${fragments.join('\n')}`;
  if (validate(schema, parse(query)).length > 0) return null;
  return { query, variables: Object.fromEntries([...variables].map(([name, { value: of }]) => [name, of])) };
}
