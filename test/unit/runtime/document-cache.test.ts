// Documents are read once however often they come, and only so many are kept.
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { documentCache } from '../../../runtime/document-cache.ts';

const schema = buildSchema('type Query { a: Int }');

test('the same text is the same document, with the same faults', () => {
  const cache = documentCache();
  expect(cache.parse('{ a }')).toBe(cache.parse('{ a }'));
  expect(cache.validate(schema, cache.parse('{ a }'))).toEqual([]);
  const faults = cache.validate(schema, cache.parse('{ b }'));
  expect(faults).toMatchObject([{ message: expect.stringContaining('"b"') }]);
  expect(cache.validate(schema, cache.parse('{ b }'))).toBe(faults);
  expect(() => cache.parse('{')).toThrow(/Syntax Error/);
});

test('the one that was not asked for longest is forgotten, and what is long is not kept', () => {
  const cache = documentCache();
  const [first, second] = [cache.parse('{ a }'), cache.parse('{ b: a }')];
  for (let i = 0; i < 499; i++) {
    cache.parse(`{ n${i}: a }`);
    cache.parse('{ a }');
  }
  expect(cache.parse('{ a }')).toBe(first);
  expect(cache.parse('{ b: a }')).not.toBe(second);
  const long = `{ a ${'# '.repeat(20_000)}\n }`;
  expect(cache.parse(long)).not.toBe(cache.parse(long));
});

test('a document is checked anew for another schema', () => {
  const cache = documentCache();
  const document = cache.parse('{ b }');
  expect(cache.validate(buildSchema('type Query { a: Int }'), document)).toHaveLength(1);
  expect(cache.validate(buildSchema('type Query { b: Int }'), document)).toHaveLength(0);
});
