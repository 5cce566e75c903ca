import fc from 'fast-check';
import { buildSchema, execute, type GraphQLSchema, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { answerWriter } from '../../../gateway/engine/answer-writer.ts';
import { conditionVariables, documentOf, operationOf } from '../../../gateway/engine/client-operation.ts';
import { newCompletion } from '../../../gateway/engine/completion.ts';
import { normalForm } from '../../../gateway/engine/normal-form.ts';
import { operationFrom } from '../../integration/engine/operations.ts';

const schema = buildSchema(`
  type Query { node: Node nodes: [Node!] list: [[T]] t: T! any: Any kind: Kind json: JSON int: Int float: Float! self: Query }
  interface Node { id: ID! name: String self: Node t: T }
  type T implements Node { id: ID! name: String self: Node t: T must: String! texts: [String!] }
  type U implements Node { id: ID! name: String self: Node t: T u: [U!]! }
  union Any = T | U
  enum Kind { A B }
  scalar JSON
`);

function written(text: string, data: object, values: Record<string, unknown> = {}, of: GraphQLSchema = schema) {
  const client = operationOf(parse(text), null);
  const conditions = new Map(conditionVariables(client).map(name => [name, values[name] === true]));
  const context = { schema: of, fragments: client.fragments, conditions };
  const completion = newCompletion();
  const root = of.getRootType(client.operation.operation)!;
  const json = answerWriter(context, root, client.operation.selectionSet)(data as Record<string, unknown>, completion);
  return { json, errors: completion.errors.map(({ message, path }) => `${path.join('.')}: ${message}`) };
}

describe('an answer', () => {
  it('has fields in the order of the operation, joined, under their aliases', () => {
    const query = `{ ...F t { name again: name } int ... on Query { t { id } } constructor: int __proto__: int }
      fragment F on Query { kind t { id __typename } }`;
    const data = JSON.parse(
      '{"t":{"id":"1","name":"n\\"","again":"n"},"kind":"B","int":3,"constructor":4,"__proto__":5}',
    );
    expect(written(query, data).json).toBe(
      '{"kind":"B","t":{"id":"1","__typename":"T","name":"n\\"","again":"n"},"int":3,"constructor":4,"__proto__":5}',
    );
    expect(written('{ constructor: int toString: json __proto__: kind }', {}).json).toBe(
      '{"constructor":null,"toString":null,"__proto__":null}',
    );
  });

  it('has of an abstract type what its objects are', () => {
    const query =
      '{ nodes { __typename id ... on T { must } ...G } any { ... on Node { name } } } fragment G on U { u { id } }';
    const data = {
      nodes: [
        { __typename: 'T', id: 1, must: 'x' },
        { __typename: 'U', id: 'u', u: [{ id: '2' }] },
      ],
      any: { __typename: 'U', name: null },
    };
    expect(written(query, data).json).toBe(
      '{"nodes":[{"__typename":"T","id":1,"must":"x"},{"__typename":"U","id":"u","u":[{"id":"2"}]}],"any":{"name":null}}',
    );
  });

  it('carries a null up to where one may be, and tells where it came from', () => {
    expect(
      written('{ nodes { id t { must } } int }', {
        nodes: [
          { __typename: 'T', id: '1', t: { must: null } },
          { __typename: 'T', id: '2' },
        ],
        int: 1,
      }),
    ).toEqual({
      json: '{"nodes":[{"id":"1","t":null},{"id":"2","t":null}],"int":1}',
      errors: ['nodes.0.t.must: Cannot return null for non-nullable field T.must.'],
    });
    expect(
      written('{ any { ... on U { u { id } } } list { id } }', {
        any: { __typename: 'U', u: [{ id: '1' }, null] },
        list: [[{ id: null }], null],
      }),
    ).toEqual({
      json: '{"any":null,"list":[[null],null]}',
      errors: [
        'any.u.1: Cannot return null for non-nullable array element of type U at index 1.',
        'list.0.0.id: Cannot return null for non-nullable field T.id.',
      ],
    });
    expect(written('{ int t { name } }', { int: 1 }).json).toBe('null');
  });

  it('holds no value that the schema does not have', () => {
    const query = '{ kind int float json node { id } nodes { id } any { __typename } }';
    const data = {
      kind: 'SECRET',
      int: 1.5,
      float: 2.5,
      json: { a: [1, 'x', null] },
      node: { __typename: 'Hidden' },
      nodes: 'no',
      any: 7,
    };
    expect(written(query, data)).toEqual({
      json: '{"kind":null,"int":null,"float":2.5,"json":{"a":[1,"x",null]},"node":null,"nodes":null,"any":null}',
      errors: [
        'kind: Invalid value found for field Query.kind.',
        'int: Invalid value found for field Query.int.',
        'node: Invalid __typename found for object at field Query.node.',
        'nodes: Invalid non-list value found for field Query.nodes.',
        'any: Invalid value found for field Query.any.',
      ],
    });
  });

  it('leaves out what is skipped or not included', () => {
    const query = `query($a: Boolean!, $b: Boolean!) { int @skip(if: $a) kind @include(if: $b) t { id @include(if: $a) @skip(if: $b) } t @skip(if: $b) { name } }`;
    const data = { int: 1, kind: 'A', t: { id: '1', name: 'n' } };
    expect(written(query, data, { a: true, b: false }).json).toBe('{"t":{"id":"1","name":"n"}}');
    expect(written(query, data, { a: false, b: true }).json).toBe('{"int":1,"kind":"A","t":{}}');
  });
});

/** Data of the schema by chance, complete: any field, alias or not, of any object. */
function dataFor(seed: number): object {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 4_294_967_296;
  };
  const object = (depth: number, typename: string): object => {
    const leaf = {
      id: `i${Math.floor(next() * 100)}`,
      name: next() < 0.3 ? null : 'näme\n',
      must: 'm',
      texts: ['a', 'b'],
    };
    if (depth === 0) return { __typename: typename, ...leaf, self: null, t: null, u: [] };
    return {
      __typename: typename,
      ...leaf,
      self: next() < 0.2 ? null : object(depth - 1, next() < 0.5 ? 'T' : 'U'),
      t: object(depth - 1, 'T'),
      u: [object(depth - 1, 'U')],
    };
  };
  const query = (depth: number): object => ({
    node: object(3, 'U'),
    nodes: [object(2, 'T'), object(2, 'U')],
    list: [[object(2, 'T'), null], null],
    t: object(3, 'T'),
    any: object(2, next() < 0.5 ? 'T' : 'U'),
    kind: 'A',
    json: { x: [1] },
    int: 3,
    float: 1.25,
    self: depth > 0 ? query(depth - 1) : null,
  });
  return query(5);
}

/** The data as subgraphs would give it: under the names of the operation. graphql-js does that. */
async function asAsked(query: string, seed: number, variables: Record<string, unknown>) {
  return execute({ schema, document: parse(query), rootValue: dataFor(seed), variableValues: variables });
}

it('of any operation is written as graphql-js would have it, and so is that of its plain form', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1_000_000 }), async seed => {
      const made = operationFrom(schema, seed);
      if (!made) return;
      const right = await asAsked(made.query, seed, made.variables);
      const client = operationOf(parse(made.query), null);
      const conditions = new Map(Object.entries(made.variables).map(([name, value]) => [name, value === true]));
      const plain = normalForm({ schema, fragments: client.fragments, conditions }, client.operation, () => true)!;
      // the plain form asks every object for its type where it matters only: here everywhere
      const document = documentOf(plain, new Map());
      const fetched = await execute({
        schema,
        document: withTypes(document),
        rootValue: dataFor(seed),
        variableValues: made.variables,
      });
      const answer = written(made.query, JSON.parse(JSON.stringify(fetched.data)), made.variables);
      expect(answer).toEqual({ json: JSON.stringify(right.data), errors: [] });
    }),
    { numRuns: 300 },
  );
});

/** As planners do: the type of every object of an abstract type. */
function withTypes<T>(node: T): T {
  return JSON.parse(JSON.stringify(node), (key, value) =>
    key === 'selectionSet' && value
      ? { ...value, selections: [...value.selections, { kind: 'Field', name: { kind: 'Name', value: '__typename' } }] }
      : value,
  );
}

it('leaves introspection as graphql-js made it', () => {
  const data = execute({ schema, document: parse(getIntrospectionQuery()) }) as { data: object };
  expect(written(getIntrospectionQuery(), data.data).json).toBe(JSON.stringify(data.data));
});
