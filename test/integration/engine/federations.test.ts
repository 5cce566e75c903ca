// Generated operations over small federations, with and without failures: every engine answers as the stock gateway does.
import fc from 'fast-check';
import { print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { type OpenEngine, ourEngine, type Question, stockGateway } from '../../support/oracle/engines.ts';
import { federationOf, nothingFails, someFail } from '../../support/oracle/federation.ts';
import { FEDERATIONS } from '../../support/oracle/federations.ts';
import { operationsOf } from '../../support/oracle/operations.ts';
import { rightAnswers } from '../../support/oracle/right-answers.ts';
import { described, leastDifference } from '../../support/oracle/same-answer.ts';

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 60); // of each kind; some thousand take minutes

const engines: Record<string, OpenEngine> = {
  'stock with other plans': stockGateway({ experimental_reuseQueryFragments: false, incrementalDelivery: {} }),
  murmuration: ourEngine(),
  "murmuration with Apollo's planner": ourEngine('apollo'),
};

describe.each(Object.entries(engines))('%s', (_, open) => {
  describe.each(FEDERATIONS)('over $name', source => {
    const federation = federationOf(source);
    const kinds = federation.api.getMutationType() ? (['query', 'mutation'] as const) : (['query'] as const);

    test.each(kinds)('%s: answers as the oracle', async kind => {
      await compare(operationsOf(federation.api, { kind }), nothingFails);
    });
    test.each(kinds)('%s: answers as the oracle when things fail', async kind => {
      await compare(operationsOf(federation.api, { kind }), seed => someFail(seed, 60));
    });

    async function compare(
      operations: fc.Arbitrary<Question>,
      scope: (seed: number) => ReturnType<typeof nothingFails>,
    ) {
      await using oracle = closing(await stockGateway()(federation));
      await using engine = closing(await open(federation));
      const isAsked = ({ document }: Question): boolean => !source.leavesOut?.(print(document));
      const property = fc.asyncProperty(operations.filter(isAsked), fc.noShrink(fc.nat()), async (question, seed) => {
        const right = await rightAnswers(oracle, question, () => scope(seed));
        const given = await engine.answer(question, scope(seed));
        expect(leastDifference(question, given, right), described(question)).toEqual([]);
      });
      await fc.assert(property, { numRuns: RUNS });
    }
  });
});

const closing = <T extends { close(): Promise<void> }>(engine: T): T & AsyncDisposable => ({
  ...engine,
  [Symbol.asyncDispose]: () => engine.close(),
});
