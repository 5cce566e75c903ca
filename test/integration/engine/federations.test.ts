// Generated operations over small federations, with and without failures: our engine, with either planner, answers as one
// graph by the specification, and as the stock gateway does where that one is right. Other operations each time.
import fc from 'fast-check';
import { parse } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OracleEngine, ourEngine, type Question, stockGateway } from '../../support/oracle/engines.ts';
import { type Answer, federationOf, nothingFails, someFail, someFieldsFail } from '../../support/oracle/federation.ts';
import { FEDERATIONS } from '../../support/oracle/federations.ts';
import { specified } from '../../support/oracle/monolith.ts';
import { type OperationOptions, operationsOf } from '../../support/oracle/operations.ts';
import { flawsByOracle, flawsOfAsked, type Judges, rightAnswers } from '../../support/oracle/right-answers.ts';
import { oracleRuns } from '../../support/oracle/runs.ts';
import { departures, described, differences, leastDifference } from '../../support/oracle/same-answer.ts';
import type { Scope } from '../../support/oracle/synthetic-data.ts';

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 10); // of each test; some thousand take minutes
const FAULTS_PER_MILLE = 60;

type FlawsIn = (
  engine: OracleEngine,
  question: Question,
  scope: () => Scope,
  planner: 'native' | 'apollo',
) => Promise<readonly string[]>;

describe.each(FEDERATIONS)('over $name', source => {
  const federation = federationOf(source);
  const { monolith } = federation;
  const kinds = federation.api.getMutationType() ? (['query', 'mutation'] as const) : (['query'] as const);
  const engines: Record<string, OracleEngine> = {};
  beforeAll(async () => {
    engines['oracle'] = await stockGateway()(federation);
    engines['native'] = await ourEngine()(federation);
    engines['apollo'] = await ourEngine('apollo')(federation);
  });
  // the other planner would answer in its place, and nobody would see
  afterEach(() => expect(engines['native']!.crashes!(), 'deaths of the planner process').toBe(0));
  afterAll(() => Promise.all(Object.values(engines).map(engine => engine.close())));

  const judges = (): Judges => ({ oracle: engines['oracle']!, monolith });
  const checkBoth = (options: OperationOptions, scopeOf: (seed: number) => Scope, flawsIn: FlawsIn) => {
    const property = fc.asyncProperty(
      operationsOf(federation.api, options),
      fc.noShrink(fc.nat()),
      async (question, seed) => {
        for (const planner of ['native', 'apollo'] as const) {
          const flaws = await flawsIn(engines[planner]!, question, () => scopeOf(seed), planner);
          expect(flaws, `${planner}: ${described(question)}`).toEqual([]);
        }
      },
    );
    return fc.assert(property, oracleRuns(RUNS));
  };
  const bySpecification: FlawsIn = async (engine, question, scope) =>
    departures(await engine.answer(question, scope()), await specified(monolith, question, scope));

  describe.each(kinds)('%s', kind => {
    test('all is well: both planners lead to what the specification says', () =>
      checkBoth({ kind }, nothingFails, bySpecification));

    // what is fetched for others too, as of an @interfaceObject, may fail where the client does not ask for it: as the oracle's,
    // whose planner the second one is. Where the oracle has no say that planner must be right when only what is asked for fails
    test('fields fail: both planners lead to what the specification says, or the oracle', () =>
      checkBoth(
        { kind },
        seed => someFieldsFail(seed, FAULTS_PER_MILLE),
        async (engine, question, scope, planner) => {
          const flaws = await bySpecification(engine, question, scope, planner);
          if (flaws.length === 0) return flaws;
          const others = await rightAnswers(judges(), question, scope);
          if (others.length > 0) {
            const given = await engine.answer(question, scope());
            return leastDifference(question, given, others).length > 0 ? flaws : [];
          }
          return planner === 'apollo' ? flawsOfAsked(engine, monolith, question, scope) : flaws;
        },
      ));

    test('entities and fields fail: both planners lead to what the oracle answers', () =>
      checkBoth(
        { kind, withoutClashes: true },
        seed => someFail(seed, FAULTS_PER_MILLE),
        async (engine, question, scope) => {
          const flaws = await flawsByOracle(engine, judges(), question, scope);
          fc.pre(flaws !== null);
          return flaws;
        },
      ));
  });
});

describe('the comparison notices', () => {
  const question = { document: parse('{ a b }'), variables: {} };
  const right: Answer = {
    data: { a: 1, b: [{ c: null }] },
    errors: [{ message: 'm', path: ['b', 0, 'c'], extensions: { code: 'INJECTED' } }],
  };
  test.each<[string, Answer]>([
    ['another value', { ...right, data: { a: 2, b: [{ c: null }] } }],
    ['another order of keys', { ...right, data: { b: [{ c: null }], a: 1 } }],
    ['a missing item', { ...right, data: { a: 1, b: [] } }],
    ['a missing error', { data: right.data! }],
    ['another code', { ...right, errors: [{ ...right.errors![0]!, extensions: { code: 'OTHER' } }] }],
    ['another place', { ...right, errors: [{ ...right.errors![0]!, path: ['b', 0] }] }],
    ['an error too many', { ...right, errors: [...right.errors!, { message: 'm', path: ['a'] }] }],
  ])('%s', (_, given) => {
    expect(differences(question, right, right)).toEqual([]);
    expect(differences(question, given, right)).not.toEqual([]);
    const specification = { answer: right, failures: right.errors! };
    expect(departures(right, specification)).toEqual([]);
    expect(departures(given, specification)).not.toEqual([]);
  });
});
