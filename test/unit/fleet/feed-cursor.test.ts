// Feed cursors: each position reads back, and nothing that was not given out is taken.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { feedCursors } from '../../../subgraphs/central/fleet/feed/feed-cursor.ts';

const ours = feedCursors('7d1f0a52-6f3c-4e0e-9a55-2f1d3a0c9b11');
const theirs = feedCursors('00000000-6f3c-4e0e-9a55-2f1d3a0c9b11');
const position = fc.bigInt({ min: 0n, max: 9_223_372_036_854_775_807n });

test('a position reads back from its cursor', () => {
  fc.assert(
    fc.property(position, given => {
      expect(ours.parse(ours.make(given))).toBe(given);
    }),
  );
});

test('a cursor of another feed, of another position or with any character changed is refused', () => {
  fc.assert(
    fc.property(position, position, (given, other) => {
      expect(() => ours.parse(theirs.make(given))).toThrow(/not given out/);
      fc.pre(given !== other);
      const [, , signature] = Buffer.from(ours.make(given), 'base64url').toString().split('.');
      const forged = Buffer.from(`1.${other}.${signature}`).toString('base64url');
      expect(() => ours.parse(forged)).toThrow(/not given out/);
    }),
  );
});

test('any other text is refused with CURSOR_INVALID', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), text => {
      expect(() => ours.parse(text)).toThrow(expect.objectContaining({ extensions: { code: 'CURSOR_INVALID' } }));
    }),
  );
});
