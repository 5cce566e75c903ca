import { describe, expect, it } from 'vitest';
import { compileFetch } from '../../../federation/compiled-fetch.ts';
import type { Fetch } from '../../../federation/fetch-plan.ts';
import { regionAnswerChecks } from '../../../gateway/engine/region-answers.ts';
import { expectedShape, shapeCheck } from '../../../gateway/routing/answer-shape.ts';
import { readShape } from '../../../gateway/routing/operation-shape.ts';
import { shapeOfSchema } from '../../../gateway/routing/schema-shape.ts';

const schema = shapeOfSchema(`
  scalar JSON
  union Either = A | B
  type A { name: String  grid: [[Int!]!]  any: JSON  b: B }
  type B { list: [A!]  name: String }
  type Query { a: A  either: Either  list: [A] }
`);
const flawOf = (query: string, data: unknown) => shapeCheck(expectedShape(readShape(query), schema), 'data')(data);

describe('the shape of an answer', () => {
  const query = `{ a { called: name grid any b { ...F } constructor: name } either { ... on A { grid } ... on B { name } } list { name } }
    fragment F on B { list { name } }`;
  const right = {
    a: { called: 'x', grid: [[1], []], any: { x: [1] }, b: { list: [{ name: null }] } },
    either: { name: 'x' },
    list: [null, { name: 'x', unasked: [] }],
  };

  it('has no flaw when it is what was asked for, with nulls, or with less', () => {
    for (const data of [right, { a: null, either: null, list: null }, {}, null, { a: { any: 'x' } }])
      expect(flawOf(query, data)).toBeNull();
  });

  it.each<[object, string]>([
    [{ a: [] }, 'answered a list where a is an object'],
    [{ a: 'x' }, 'answered a string where a is an object'],
    [{ a: { called: { x: 1 } } }, 'answered an object where called is one value'],
    [{ a: { called: [] } }, 'answered a list where called is one value'],
    [{ a: { grid: [1] } }, 'answered a number where grid is a list'],
    [{ a: { grid: [[[]]] } }, 'answered a list where grid is one value'],
    [{ a: { b: { list: { name: 'x' } } } }, 'answered an object where list is a list'],
    [{ a: { b: { list: [{ name: 'x' }, 'y'] } } }, 'answered a string where list is an object'],
    [{ either: { grid: 'x' } }, 'answered a string where grid is a list'],
    [{ list: 7 }, 'answered a number where list is a list'],
  ])('has one where %j is answered', (change, flaw) => {
    expect(flawOf(query, { ...right, ...change })).toBe(flaw);
  });
});

describe('an entity of a region', () => {
  const planned = (operation: string): Fetch => ({
    subgraph: 'inventory',
    kind: 'query',
    operation,
    variables: [],
    inputs: [
      {
        alias: '_entities',
        variable: 'representations',
        paths: [[]],
        requires: [],
        inputRewrites: [],
        outputRewrites: [],
      },
    ],
    path: [],
    outputRewrites: [],
    after: [],
  });
  const compiled = (selection: string) => {
    const fetch = planned(
      `query($representations:[_Any!]!){_entities(representations:$representations){...on Host{${selection}}}}`,
    );
    return compileFetch(fetch, 0, regionAnswerChecks()(fetch));
  };
  const host = { __typename: 'Host', id: 'r1/h' };
  const identityFlaw = (entity: object, hasErrors = false, selection = 'hostname') =>
    compiled(selection).inputs[0]!.check!.identityFlaw(entity as never, host, hasErrors);

  it('is asked for its id, which is no part of the data', () => {
    const { head, inputs, fetch } = compiled('hostname');
    expect(head).toContain('murmuration_id: id');
    expect(fetch.operation).not.toContain('murmuration_id'); // an edge door is not asked for it
    const entity = { murmuration_id: 'r1/h', hostname: 'h' };
    expect(inputs[0]!.check!.identityFlaw(entity, host, false)).toBeNull();
    expect(JSON.stringify(entity)).toBe('{"hostname":"h"}');
  });

  it('is not believed when it is another, or does not say', () => {
    expect(identityFlaw({ murmuration_id: 'r1/other' })).toBe('answered for r1/other where r1/h was asked for');
    expect(identityFlaw({ murmuration_id: 'r1/other' }, true)).toContain('answered for r1/other');
    expect(identityFlaw({ hostname: 'h' })).toContain('something without an id');
    expect(identityFlaw({ murmuration_id: 'r1/h', __typename: 'Alarm' })).toContain('another type than Host');
  });

  it('may leave its id out when an error tells what is missing', () => {
    expect(identityFlaw({}, true)).toBeNull();
  });

  it('is not asked where a client took the name', () => {
    expect(compiled('murmuration_id: hostname').head).not.toContain('murmuration_id: id');
    const entity = { murmuration_id: 'h' };
    expect(identityFlaw(entity, false, 'murmuration_id: hostname')).toBeNull();
    expect(entity).toEqual({ murmuration_id: 'h' });
  });
});

it('a fetch from the fleet service is not looked at', () => {
  expect(
    regionAnswerChecks()({ subgraph: 'fleet', operation: '{ regions { nodes { id } } }' } as Fetch),
  ).toBeUndefined();
});
