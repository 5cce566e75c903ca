import { describe, expect, it } from 'vitest';
import { withMissing } from '../../../gateway/routing/missing-fields.ts';
import { readShape } from '../../../gateway/routing/operation-shape.ts';
import { shapeOfSchema } from '../../../gateway/routing/schema-shape.ts';
import { prune } from '../../../gateway/routing/schema-skew.ts';

const SCHEMA = shapeOfSchema(`
  type Query { host(id: ID!, live: Boolean): Host  find(by: By): [Thing!]  state(of: State): String }
  type Mutation { lock(input: LockInput!): Host }
  type Host implements Node @key(fields: "id") { id: ID!  name: String  ports(first: Int): [Port!]  node: Node  state: State }
  type Port { name: String  speed: Int }
  type Disk { size: Int }
  interface Node { id: ID! }
  union Thing = Host | Port
  enum State { ON OFF }
  input By { name: String  inner: Inner }
  input Inner { state: State }
  input LockInput { id: ID! }
`);

/** What is left of an operation, on one line, and what is missing. */
function cut(query: string): { left: string | null; missing: string[] } | null {
  const pruned = prune(readShape(query), SCHEMA);
  if (!pruned) return null;
  return {
    left: pruned.text?.replace(/\s+/g, ' ') ?? null,
    missing: pruned.missing.map(({ path, coordinate }) => `${coordinate} ${path.map(step => step.name).join('.')}`),
  };
}

describe('an operation for a schema', () => {
  it('stays as it is when the schema knows all of it', () => {
    expect(
      cut(`query ($r: [_Any!]!, $n: Int) {
        _entities(representations: $r) { ... on Host { id n: name ports(first: $n) { name } node { __typename id ... on Host { name } } } }
        _service { sdl }
      }`),
    ).toBeNull();
    expect(cut('{ find(by: { inner: { state: ON } }) { ... on Port { speed } } state(of: OFF) }')).toBeNull();
  });

  it.each<[string, string, string | null, string[]]>([
    ['a field', '{ host(id: 1) { name colour } }', '{ host(id: 1) { name } }', ['Host.colour host.colour']],
    ['under its alias', '{ h: host(id: 1) { c: colour id } }', '{ h: host(id: 1) { id } }', ['Host.colour h.c']],
    [
      'the last field of an object: its place stays',
      '{ host(id: 1) { ports { duplex } } }',
      '{ host(id: 1) { ports { __typename } } }',
      ['Port.duplex host.ports.duplex'],
    ],
    ['a whole object', '{ host(id: 1) { id bmc { ip } } }', '{ host(id: 1) { id } }', ['Host.bmc host.bmc']],
    ['all of it', '{ hosts { id } }', null, ['Query.hosts hosts']],
    ['all of a mutation', 'mutation { unlock(id: 1) { id } }', null, ['Mutation.unlock unlock']],
    [
      'a field with an argument that would not be heeded',
      '{ host(id: 1, deep: true) { id } state(of: ON) }',
      '{ state(of: ON) }',
      ['Query.host host'],
    ],
    ['a field with an unknown value of an enum', '{ state(of: BLINKING) }', null, ['Query.state state']],
    [
      'a field with an unknown field of an input',
      '{ find(by: { inner: { colour: 1 } }) { ... on Port { name } } }',
      null,
      ['Query.find find'],
    ],
    [
      'a field with a variable of an unknown type',
      'mutation ($i: NewInput!) { lock(input: $i) { id } }',
      null,
      ['Mutation.lock lock'],
    ],
    [
      'a value that became an object',
      '{ host(id: 1) { id state { now } } }',
      '{ host(id: 1) { id } }',
      ['Host.state host.state'],
    ],
    ['an object that was a value', '{ host(id: 1) { id ports } }', '{ host(id: 1) { id } }', ['Host.ports host.ports']],
    [
      'a type',
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Sensor { value } ... on Host { name } } }',
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Host { name } } }',
      ['Sensor.value _entities.value'],
    ],
    [
      'all of an entity fetch, ids apart',
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Host { __typename colour murmuration_id: id } } }',
      null,
      ['Host.colour _entities.colour'],
    ],
    [
      'what a named fragment asks, place by place, and variables that nothing uses any more',
      `query ($a: Int, $b: Int) { host(id: 1) { ...F ports(first: $a) { name } } } fragment F on Host { id colours(n: $b) }`,
      'query ($a: Int) { host(id: 1) { ... on Host { id } ports(first: $a) { name } } }',
      ['Host.colours host.colours'],
    ],
  ])('loses %s', (_what, query, left, missing) => {
    expect(cut(query)).toEqual({ left, missing });
  });
});

describe('what is missing', () => {
  const missingIn = (query: string, data: Record<string, unknown>, typenames?: string[], variables = {}) => {
    const { missing } = prune(readShape(query), SCHEMA)!;
    const { errors = [] } = withMissing(
      { data },
      missing,
      { variables, entityTypes: new Map(typenames ? [['_entities', typenames]] : []) },
      field => ({
        message: field.coordinate,
      }),
    );
    return { data, errors: errors.map(({ path, extensions }) => [path?.join('.'), extensions?.['count'] ?? 1]) };
  };

  it('is null at every place, with one error at the first', () => {
    const query = '{ host(id: 1) { ports { name duplex } } }';
    expect(missingIn(query, { host: { ports: [{ name: 'a' }, null, { name: 'b' }] } })).toEqual({
      data: { host: { ports: [{ name: 'a', duplex: null }, null, { name: 'b', duplex: null }] } },
      errors: [['host.ports.0.duplex', 2]],
    });
    expect(missingIn(query, { host: null })).toEqual({ data: { host: null }, errors: [] });
  });

  it('is missed by objects of its type only', () => {
    const query =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Host { colour } ... on Port { duplex } } }';
    expect(missingIn(query, { _entities: [{}, {}, null, {}] }, ['Port', 'Host', 'Host', 'Host'])).toEqual({
      data: { _entities: [{ duplex: null }, { colour: null }, null, { colour: null }] },
      errors: [
        ['_entities.1.colour', 2],
        ['_entities.0.duplex', 1],
      ],
    });
    const found = { find: [{ __typename: 'Port' }, { __typename: 'Host' }] };
    expect(missingIn('{ find { __typename ... on Host { colour } } }', found)).toEqual({
      data: { find: [{ __typename: 'Port' }, { __typename: 'Host', colour: null }] },
      errors: [['find.1.colour', 1]],
    });
  });

  it('is missed only where it was wanted', () => {
    const query = 'query ($a: Boolean!) { host(id: 1) { id colour @include(if: $a) ... @skip(if: $a) { size } } }';
    expect(missingIn(query, { host: {} }, undefined, { a: true }).errors).toEqual([['host.colour', 1]]);
    expect(missingIn(query, { host: {} }, undefined, { a: false }).errors).toEqual([['host.size', 1]]);
  });

  it('does no harm to an answer of another shape', () => {
    expect(missingIn('{ host(id: 1) { ports { name duplex } } }', { host: 'x' }).data).toEqual({ host: 'x' });
  });
});
