import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { regionPathsOf } from '../../../schema/region-directive.ts';

describe('@region', () => {
  it('is read from the root fields of any root type', () => {
    const found = regionPathsOf(`
      type Query { host(id: ID!): Int @region(from: "id") }
      type Mutation { lock(input: I!): Int @region(from: "input.id") }
      type Subscription { watch(region: ID!): Int @region(from: "region") }
    `);
    expect(Object.fromEntries(found)).toEqual({
      'Query.host': [['id']],
      'Mutation.lock': [['input', 'id']],
      'Subscription.watch': [['region']],
    });
  });

  it('may name alternatives, which keep their order', () => {
    const found = regionPathsOf('type Mutation { clear(input: I): Int @region(from: "input.id|  input.region ") }');
    expect(found.get('Mutation.clear')).toEqual([
      ['input', 'id'],
      ['input', 'region'],
    ]);
  });

  it('is read from extensions of a root type and from a parsed document', () => {
    const found = regionPathsOf(parse('extend type Query { host(id: ID!): Int @region(from: "id") }'));
    expect([...found.keys()]).toEqual(['Query.host']);
  });

  it('means nothing on other types, without its argument, or where it is not', () => {
    const found = regionPathsOf(`
      type Host { alarms(id: ID): Int @region(from: "id") }
      type Query { a: Int  b: Int @region  c: Int @other(from: "id")  d: Int @region(from: 3) }
    `);
    expect(found.size).toBe(0);
  });
});
