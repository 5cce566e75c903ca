// The same data sharded over regions and in one place: our engine over the first answers as the stock gateway and
// graphql-js over the second. A region that is asked for what is not its own answers nothing.
import fc from 'fast-check';
import { parse } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../../gateway/engine/engine.ts';
import { type RegionDeps, regionFetcher, regionSharding } from '../../../gateway/engine/region-sharding.ts';
import { isShaped } from '../../../gateway/engine/shaped-answer.ts';
import { releaseFetch } from '../../../gateway/routing/release-fetch.ts';
import { newRequestScope, type RequestScope } from '../../../gateway/routing/subgraph-router.ts';
import type { Asker, Send } from '../../../gateway/routing/transport.ts';
import { openDoor } from '../../../runtime/http-door.ts';
import { regionOf } from '../../../schema/identity.ts';
import { EDGE_SUBGRAPHS, readSubgraph, SUBGRAPHS } from '../../../schema/sources.ts';
import { planDoor } from '../../../subgraphs/edge/plan-door.ts';
import { leftovers } from '../../support/leftovers.ts';
import { type OracleEngine, type Question, stockGateway } from '../../support/oracle/engines.ts';
import { federationOf, nothingFails, type SubgraphQuestion, someFail } from '../../support/oracle/federation.ts';
import { regionalIdentities } from '../../support/oracle/identities.ts';
import { specified } from '../../support/oracle/monolith.ts';
import { type OperationOptions, operationsOf } from '../../support/oracle/operations.ts';
import { flawsByOracle } from '../../support/oracle/right-answers.ts';
import { oracleRuns } from '../../support/oracle/runs.ts';
import { departures, described } from '../../support/oracle/same-answer.ts';
import type { Scope } from '../../support/oracle/synthetic-data.ts';
import { quiet } from '../../support/settings.ts';

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 15);
const REGIONS = ['edge-1', 'edge-2', 'edge-3'];
const closing = leftovers();

const federation = federationOf({
  name: 'our own',
  subgraphs: Object.fromEntries(SUBGRAPHS.map(name => [name, readSubgraph(name)])),
  identities: regionalIdentities(REGIONS),
});
const options: OperationOptions = {
  valueFor: (argument, type, dice) => {
    if (type === 'ID') return argument === 'id' ? `${dice.one(REGIONS)}/host-${dice.roll(6)}` : dice.one(REGIONS);
    return argument === 'first' ? 1 + dice.roll(500) : undefined;
  },
};

/** Of a hundred made operations a few cross the subgraphs of a region; these do. */
const crossing = [
  '{ regions { nodes { id hosts { nodes { id alarms { nodes { severity } } software { release } } } } } }',
  '{ regions { nodes { id alarms { nodes { severity region { name } } } hosts { totalCount } } } }', // needed in the centre
  '{ alarms { nodes { host { administrative cpuUsagePercent } history { totalCount } } } }', // hosts that only the centre knows
  '{ host(id: "edge-1/host-1") { hostname software { release } alarms { totalCount } } }',
].map(query => ({ document: parse(query), variables: {} }));

/** Asks one region for its part, and fails when anything in it is another's. */
async function askRegion(region: string, subgraph: string, { query, variables }: SubgraphQuestion, scope: Scope) {
  const representations = (variables?.['representations'] ?? []) as readonly { readonly id: string }[];
  const stray = representations.find(({ id }) => (regionOf(id) ?? id) !== region);
  if (stray) return { errors: [{ message: `${stray.id} is not of ${region}`, extensions: { code: 'STRAY' } }] };
  return federation.ask(subgraph, { query, variables }, scope);
}

interface ShardedEngine extends OracleEngine {
  /** Answers that a door wrote as the client gets them. */
  inShape(): number;
}

async function shardedEngine(doors: boolean): Promise<ShardedEngine> {
  let scope = nothingFails(); // of the one execution that runs
  let doorsAsked = 0;
  let inShape = 0;
  const plans = await openDoor({
    host: '127.0.0.1',
    port: 0,
    log: quiet,
    routes: REGIONS.map(region => {
      const asker = (name: string) => (query: string, variables: object) =>
        askRegion(region, name, { query, variables: variables as Record<string, unknown> }, scope) as never;
      return planDoor({ region, subgraphs: new Map(EDGE_SUBGRAPHS.map(name => [name, asker(name)])) });
    }),
  });
  const send: RegionDeps['transport']['send'] = async ({ url, body }) => {
    const [region, subgraph] = new URL(url).pathname.split('/').slice(1) as [string, string];
    if (region === 'graphql') return federation.ask('fleet', JSON.parse(body), scope) as never;
    return askRegion(region, subgraph, JSON.parse(body), scope) as never;
  };
  const askDoor = async ({ url, body }: Send, { take }: Asker): Promise<void> => {
    doorsAsked++;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(plans.origin + new URL(url).pathname, { method: 'POST', headers, body });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (isShaped(bytes)) inShape++;
    take(answer.status, bytes);
  };
  const ask: RegionDeps['transport']['ask'] = (request, asker) => void askDoor(request, asker).catch(asker.failed);
  const regions: RegionDeps = {
    directory: {
      get: id => (REGIONS.includes(id) ? { id, endpoint: `http://door/${id}`, contact: 'ONLINE' } : undefined),
    },
    transport: { send, ask },
    release: releaseFetch({ transport: { send }, regionDeadlineMs: 1_000 }),
    fleetUrl: 'http://fleet/graphql',
    fleetDeadlineMs: 1_000,
    regionDeadlineMs: 1_000,
    doors,
    now: Date.now,
  } as RegionDeps;
  const engine = await createEngine<RequestScope>({
    supergraphSdl: federation.supergraphSdl,
    fetcher: regionFetcher(regions),
    sharding: regionSharding(regions),
  });
  return {
    inShape: () => inShape,
    answer: async (question, given) => {
      scope = given;
      return JSON.parse(JSON.stringify(await engine.execute(question, newRequestScope())));
    },
    close: async () => {
      await engine.close();
      await plans.close();
      expect(doorsAsked > 0, 'the doors are used when they may be').toBe(doors);
    },
  };
}

let oracle: OracleEngine;
beforeAll(async () => {
  oracle = await stockGateway()(federation);
  closing.add(() => oracle.close());
});

describe.each([
  ['asked step by step', false],
  ['asked at their edge doors', true],
])('regions %s', (_, doors) => {
  test('answer as one graph does when all is well', async () => {
    await check(doors, options, nothingFails, asOneGraph);
  });

  test('answer as one place does when things fail', async () => {
    await check(
      doors,
      { ...options, withoutClashes: true },
      seed => someFail(seed, 40),
      async (engine, question, scope) => {
        const flaws = await flawsByOracle(engine, { oracle, monolith: federation.monolith }, question, scope);
        fc.pre(flaws !== null);
        return flaws;
      },
    );
  });
});

test('what edge doors write in shape is what one graph answers', async () => {
  const inShape = await check(true, { ...options, roots: ['regions', 'region'] }, nothingFails, asOneGraph);
  expect(inShape).toBeGreaterThan(0);
});

type FlawsIn = (engine: OracleEngine, question: Question, scope: () => Scope) => Promise<readonly string[]>;

const asOneGraph: FlawsIn = async (engine, question, scope) =>
  departures(await engine.answer(question, scope()), await specified(federation.monolith, question, scope));

async function check(
  doors: boolean,
  asked: OperationOptions,
  scopeOf: (seed: number) => Scope,
  flawsIn: FlawsIn,
): Promise<number> {
  const sharded = await shardedEngine(doors);
  const compare = async (question: Question, seed: number): Promise<void> => {
    expect(await flawsIn(sharded, question, () => scopeOf(seed)), described(question)).toEqual([]);
  };
  for (const question of [...crossing, ...crossing]) await compare(question, 1); // a door says at first what it can
  const before = sharded.inShape();
  await fc.assert(
    fc.asyncProperty(operationsOf(federation.api, asked), fc.noShrink(fc.nat()), compare),
    oracleRuns(RUNS),
  );
  const inShape = sharded.inShape() - before;
  await sharded.close();
  return inShape;
}
