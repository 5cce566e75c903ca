import { describe, expect, it } from 'vitest';
import {
  entityFieldNames,
  readShape,
  responseName,
  rootFields,
  rootTypeOf,
  shapeCache,
  withDefaults,
} from '../../../gateway/routing/operation-shape.ts';

const rootNames = (query: string, variables = {}) => rootFields(readShape(query), variables).map(responseName);

const entityQuery = (selections: string, fragments = '') =>
  `query($representations: [_Any!]!, $on: Boolean, $off: Boolean) {
     _entities(representations: $representations) { ${selections} }
   } ${fragments}`;

const namesOf = (selections: string, typename = 'Host', variables = {}, fragments = '') =>
  entityFieldNames(readShape(entityQuery(selections, fragments)), variables, typename);

describe('the root fields of an operation', () => {
  it('come in order, by the name under which they answer', () => {
    expect(rootNames('{ b: host(id: "r/1") { id } alarm(id: "r/2") { id } a: host(id: "r/3") { id } }')).toEqual([
      'b',
      'alarm',
      'a',
    ]);
  });

  it('are found in fragments and inline fragments, however deep', () => {
    expect(
      rootNames(`
        { ...A ... on Query { two: host(id: 2) { id } } ... { three: host(id: 3) { id } } }
        fragment A on Query { one: host(id: 1) { id } ...B }
        fragment B on Query { deep: host(id: 4) { id } }
      `),
    ).toEqual(['one', 'deep', 'two', 'three']);
  });

  it('leave out what @skip and @include leave out, by literal or by variable', () => {
    const query = `query($on: Boolean!, $off: Boolean!) {
      a: x @skip(if: true)  b: x @include(if: false)  c: x @skip(if: $on)  d: x @include(if: $off)
      ... @include(if: $off) { e: x }  ...F @skip(if: $on)
      kept: x @skip(if: $off) @include(if: $on)
    } fragment F on Query { f: x }`;
    expect(rootNames(query, { on: true, off: false })).toEqual(['kept']);
  });

  it('know whether they are a mutation', () => {
    expect(rootTypeOf(readShape('mutation { a }'))).toBe('Mutation');
    expect(rootTypeOf(readShape('query { a }'))).toBe('Query');
    expect(rootTypeOf(readShape('{ a }'))).toBe('Query');
  });
});

describe('the fields that an entity fetch asks for', () => {
  it('are those of the type in question, with their aliases, each once, without __typename', () => {
    const selections = `
      __typename
      ... on Host { hostname processor: cpu { model } hostname }
      ... on Region { hosts { nodes { id } } }
    `;
    expect(namesOf(selections, 'Host')).toEqual(['hostname', 'processor']);
    expect(namesOf(selections, 'Region')).toEqual(['hosts']);
    expect(namesOf(selections, 'Alarm')).toEqual([]);
  });

  it('are found in fragments within the type', () => {
    const fragments = 'fragment Load on Host { cpuUsagePercent ...More } fragment More on Host { memory { node } }';
    expect(namesOf('... on Host { ...Load ... { uptimeSeconds } }', 'Host', {}, fragments)).toEqual([
      'cpuUsagePercent',
      'memory',
      'uptimeSeconds',
    ]);
  });

  it('leave out what is skipped', () => {
    const selections = '... on Host { a: cpu @include(if: $off) b: cpu @skip(if: $on) c: cpu @include(if: $on) }';
    expect(namesOf(selections, 'Host', { on: true, off: false })).toEqual(['c']);
  });

  it('are none where there is no entity fetch', () => {
    expect(entityFieldNames(readShape('{ host(id: 1) { id } }'), {}, 'Host')).toEqual([]);
  });
});

describe('the variables of an operation', () => {
  it('are those that were given, and the defaults of the others', () => {
    const shape = readShape('query($a: Int = 1, $b: [I!] = [{ n: 2 }], $c: K = GPU, $d: Int) { x }');
    expect(withDefaults(shape, { a: null, d: 4 })).toEqual({ a: null, b: [{ n: 2 }], c: 'GPU', d: 4 });
    expect(withDefaults(shape)).toEqual({ a: 1, b: [{ n: 2 }], c: 'GPU' });
  });
});

describe('the shape cache', () => {
  it('reads a text once and forgets the least recently used of a thousand', () => {
    const cache = shapeCache();
    const first = cache.shapeOf('{ f0 }');
    const second = cache.shapeOf('{ f1 }');
    for (let i = 2; i < 1_000; i++) cache.shapeOf(`{ f${i} }`);
    expect(cache.shapeOf('{ f0 }')).toBe(first);
    cache.shapeOf('{ one_too_many }');
    expect(cache.shapeOf('{ f0 }')).toBe(first);
    expect(cache.shapeOf('{ f1 }')).not.toBe(second);
  });
});
