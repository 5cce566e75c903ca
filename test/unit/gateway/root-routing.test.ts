import { GraphQLError, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { readShape, responseName, rootFields } from '../../../gateway/routing/operation-shape.ts';
import { partsByRegion, regionOfField, requestFor } from '../../../gateway/routing/root-routing.ts';
import { regionPathsOf } from '../../../schema/region-directive.ts';
import { readSubgraph } from '../../../schema/sources.ts';
import { subgraphSchema } from '../../../subgraphs/runtime/subgraph-schema.ts';

const faults = regionPathsOf(readSubgraph('faults'));
const inventory = regionPathsOf(readSubgraph('inventory'));

function regionIn(query: string, variables = {}): string {
  const [field] = rootFields(readShape(query), variables);
  const paths = ['Query', 'Mutation'].map(type => `${type}.${field!.name.value}`);
  const found = paths.map(path => faults.get(path) ?? inventory.get(path)).find(path => path !== undefined);
  return regionOfField(field!, found!, variables);
}

function refusal(query: string, variables = {}): GraphQLError {
  try {
    regionIn(query, variables);
  } catch (error) {
    if (error instanceof GraphQLError) return error;
  }
  throw new Error('not refused');
}

describe('the region of a root field', () => {
  it.each([
    ['a literal', '{ host(id: "paris-1/h1") { id } }', {}],
    ['a variable', 'query($h: ID!) { host(id: $h) { id } }', { h: 'paris-1/h1' }],
    ['a field of a literal input', 'mutation { acknowledgeAlarm(input: { id: "paris-1/a" }) { __typename } }', {}],
    [
      'a variable within an input',
      'mutation($a: ID!) { acknowledgeAlarm(input: { id: $a }) { __typename } }',
      { a: 'paris-1/a' },
    ],
    [
      'a field of an input variable',
      'mutation($i: I!) { raiseAlarm(input: $i) { __typename } }',
      { i: { region: 'paris-1' } },
    ],
    [
      'the first alternative that is given',
      'mutation { clearAlarm(input: { id: "paris-1/a", region: "rome-1" }) { __typename } }',
      {},
    ],
    ['the second alternative', 'mutation { clearAlarm(input: { region: "paris-1" }) { __typename } }', {}],
    [
      'the second alternative when the first is null',
      'mutation { clearAlarm(input: { id: null, region: "paris-1" }) { __typename } }',
      {},
    ],
  ])('comes from %s', (_what, query, variables) => {
    expect(regionIn(query, variables)).toBe('paris-1');
  });

  it.each([
    ['id', '{ host(id: "h1") { id } }', 'an id of the form <region>/<local id>'],
    ['id', '{ host(id: "paris-1") { id } }', 'an id of the form <region>/<local id>'],
    ['id', '{ host(id: "Paris 1/h") { id } }', 'an id of the form <region>/<local id>'],
    ['input.region', 'mutation { raiseAlarm(input: { region: "paris-1/h1" }) { __typename } }', 'a region id'],
    ['input.id', 'mutation { clearAlarm(input: { id: "x", region: "rome-1" }) { __typename } }', 'an id of the form'],
  ])('is refused when %s is malformed, with its name', (argument, query, form) => {
    const error = refusal(query);
    expect(error.extensions['code']).toBe('BAD_USER_INPUT');
    expect(error.message).toContain(`${argument} must be ${form}`);
  });

  it('is refused with every alternative when none is given', () => {
    const error = refusal('mutation { clearAlarm(input: { alarmId: "100.101" }) { __typename } }');
    expect(error.extensions['code']).toBe('BAD_USER_INPUT');
    expect(error.message).toBe('Name the region: input.id or input.region is missing.');
  });
});

describe('fields grouped by region', () => {
  const routed = ['a:r1', 'b:r2', 'c:r1', 'd:r1', 'e:r2'].map(text => {
    const [name, region] = text.split(':') as [string, string];
    return { region, field: rootFields(readShape(`{ ${name} }`), {})[0]! };
  });
  const shown = (isMutation: boolean) =>
    partsByRegion(routed, isMutation).map(({ region, fields }) => `${region} ${fields.map(responseName).join('')}`);

  it('are one part for each region in a query', () => {
    expect(shown(false)).toEqual(['r1 acd', 'r2 be']);
  });

  it('keep their order in a mutation: only neighbours of one region travel together', () => {
    expect(shown(true)).toEqual(['r1 a', 'r2 b', 'r1 cd', 'r2 e']);
  });
});

describe('the request for some of the fields', () => {
  const schema = subgraphSchema('inventory', []);
  const shape = readShape(`
    query Two($a: ID!, $b: ID!, $kind: DeviceKind, $unused: Boolean!, $on: Boolean!) {
      one: host(id: $a) { ...Both ...OfOne }
      two: host(id: $b) { ...Both id @skip(if: $unused) }
    }
    fragment Both on Host { hostname ...Deep }
    fragment Deep on Host { cpu @include(if: $on) { model } }
    fragment OfOne on Host { devices(kind: $kind) { name } }
  `);
  const variables = { a: 'r1/a', b: 'r2/b', kind: 'GPU', unused: true, on: true };
  const ask = (name: string) =>
    requestFor(
      shape,
      rootFields(shape, variables).filter(field => responseName(field) === name),
      variables,
    );

  it('carries only the variables and fragments that they use', () => {
    const one = ask('one');
    expect(Object.keys(one.variables!).sort()).toEqual(['a', 'kind', 'on']);
    expect(one.query).toContain('fragment OfOne');
    const two = ask('two');
    expect(two.variables).toEqual({ b: 'r2/b', unused: true, on: true });
    expect(two.query).not.toContain('OfOne');
    expect(two.query).not.toContain('one:');
  });

  it('stays valid', () => {
    for (const name of ['one', 'two']) expect(validate(schema, parse(ask(name).query))).toEqual([]);
  });
});
