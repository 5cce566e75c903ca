import { type FieldNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { answeredName, plannedNames } from '../../../gateway/engine/planned-names.ts';
import { aShop } from '../../integration/engine/shop.ts';

const { nameOf } = plannedNames(aShop().supergraphSdl);
const named = (field: string): string => {
  const [operation] = parse(`{ ${field} }`).definitions;
  return nameOf(
    (operation as { selectionSet: { selections: readonly FieldNode[] } } & typeof operation).selectionSet
      .selections[0]!,
  );
};

describe('the planned name of a field of an @interfaceObject', () => {
  it('is its own where it stands alone', () => {
    expect(named('reviews { id }')).toBe('reviews');
  });

  it.each([
    ['x: reviews(a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] })', 'x: reviews(b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1)'],
    ['reviews(first: $n)', 'reviews(first: $n)'],
  ])('is the same for what GraphQL takes for one field: %s', (one, other) => {
    expect(named(one)).toBe(named(other));
    expect(named(one)).toMatch(/^_asked[0-9a-f]{8}_(x|reviews)$/);
  });

  it.each([
    ['reviews(first: 1)', 'reviews(first: 2)'],
    ['reviews(first: $n)', 'reviews(first: $m)'],
    ['x: rating', 'x: reviews'],
    ['reviews(a: { b: 1 })', 'reviews(a: { b: 2 })'],
    ['reviews(first: 1)', 'reviews'],
  ])('is another for what is not: %s and %s', (one, other) => {
    expect(named(one)).not.toBe(named(other));
  });
});

it.each([
  'id: name',
  '_asked: name',
  '_asked0123abcd_x: name',
  '_asked_x: name',
  'x: reviews(first: 1)',
  'plain: name',
])('the name in answers is the client’s: %s', field => {
  expect(answeredName(named(field))).toBe(field.split(':')[0]);
});
