// The request for a change stream, as one end writes it and the other reads it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EDGE_SUBGRAPHS } from '../../../schema/sources.ts';
import { parseQuery, toQuery, type WantedSource } from '../../../subgraphs/runtime/change-lines.ts';

test('what a follower asks for is what the region reads', () => {
  const wanted = fc
    .record({ after: fc.option(fc.bigInt(0n, 10n ** 18n - 1n).map(String)), snapshot: fc.boolean() })
    .filter(({ after, snapshot }) => after !== null || snapshot);
  const all = fc
    .uniqueArray(fc.tuple(fc.constantFrom(...EDGE_SUBGRAPHS), wanted), { minLength: 1, selector: ([source]) => source })
    .map(entries => new Map<(typeof EDGE_SUBGRAPHS)[number], WantedSource>(entries));
  fc.assert(
    fc.property(all, sources => {
      expect(parseQuery(new URLSearchParams(toQuery(sources)))).toEqual(sources);
    }),
  );
});

test.each([
  ['snapshot=weather', /weather is no subgraph/],
  ['snapshot=', /is no subgraph/],
  ['faults=-1', /whole number; it is -1/],
  ['', /Name at least one/],
])('%s is refused in words', (query, words) => {
  expect(parseQuery(new URLSearchParams(query))).toMatch(words);
});
