import { type DocumentNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { compileFetch } from '../../../federation/compiled-fetch.ts';
import type { Fetch, FetchPlan } from '../../../federation/fetch-plan.ts';
import { hivePlanner, isFinal } from '../../../gateway/engine/hive-planner.ts';
import { unitsOf } from '../../../gateway/engine/lanes.ts';
import { planFlaw } from '../../../gateway/engine/plan-check.ts';
import { fieldByField, type Planner, withFallback } from '../../../gateway/engine/planner.ts';
import { schemasOf } from '../../../gateway/engine/supergraph-schemas.ts';
import { codedError } from '../../../schema/errors.ts';
import { isEdgeSubgraph, readSupergraph } from '../../../schema/sources.ts';
import { aShop } from '../../integration/engine/shop.ts';

const plannerOf = (supergraphSdl: string) => hivePlanner({ supergraphSdl, schema: schemasOf(supergraphSdl).whole });
const fleet = await plannerOf(readSupergraph());

/** Units as `subgraph+subgraph@path ← units before`. */
async function unitsFor(query: string): Promise<string[]> {
  const { fetches } = await fleet.plan(parse(query));
  return unitsOf(
    fetches.map((fetch, at) => compileFetch(fetch, at)),
    isEdgeSubgraph,
  ).map(unit => {
    const names = unit.fetches.map(({ compiled }) => compiled.fetch.subgraph).sort();
    const path = unit.lane?.map(segment => ('field' in segment ? segment.field : '@')).join('.');
    return `${names.join('+')}${path === undefined ? '' : `@${path}`} ← ${unit.after.join(' ')}`;
  });
}

const REGIONS = {
  alias: '_entities',
  variable: 'representations',
  requires: [],
  inputRewrites: [],
  outputRewrites: [],
};

describe('units', () => {
  it('keep together what stays in a region below the same objects', async () => {
    expect(
      await unitsFor(
        '{ regions { nodes { name alarms { nodes { host { hostname software { release } } } } hosts { totalCount } } } }',
      ),
    ).toEqual(['fleet ← ', 'faults+inventory+inventory+software@regions.nodes.@ ← 0']);
  });

  it('begin with root fields that name a region', async () => {
    expect(
      await unitsFor(
        '{ host(id: "a/b") { hostname software { release } alarms { totalCount } } alarm(id: "c/d") { title } }',
      ),
    ).toEqual(['faults+faults+inventory+software@ ← ']);
  });

  it('end where the centre is asked again', async () => {
    const units = await unitsFor('{ host(id: "a/b") { hostname region { name alarms { totalCount } } } }');
    expect(units[0]).toBe('faults+inventory@ ← '); // the region's alarms are in the host's region too
    expect(units).toContain('fleet ← 0');
  });

  it('leave out of a lane what reads objects that others brought: its door does not know them', async () => {
    expect(
      await unitsFor('{ alarms { nodes { host { administrative cpuUsagePercent } history { totalCount } } } }'),
    ).toEqual(['fleet ← ', 'faults@alarms.nodes.@ ← 0', 'inventory@alarms.nodes.@.host ← 0']);
  });

  it('are apart where objects are', async () => {
    const units = await unitsFor(
      '{ hosts { nodes { cpu { model } } } alarms { nodes { host { cpu { model } } comments { text } } } }',
    );
    expect(units.filter(unit => unit.startsWith('fleet'))).toHaveLength(1);
    expect(units.filter(unit => unit.includes('@')).every(unit => unit.endsWith('← 0'))).toBe(true);
  });

  it('leave out of a lane what waits for the centre, though it lies below the same objects', () => {
    const fetchOf = (subgraph: string, after: number[]): Fetch => ({
      subgraph,
      kind: 'query',
      operation: '{ a }',
      variables: [],
      inputs: [{ ...REGIONS, paths: [[{ field: 'regions' }]] }],
      path: [],
      outputRewrites: [],
      after,
    });
    const fetches = [
      fetchOf('faults', []),
      fetchOf('fleet', [0]),
      fetchOf('inventory', [0, 1]),
      fetchOf('software', [0]),
    ];
    const units = unitsOf(
      fetches.map((fetch, at) => compileFetch(fetch, at)),
      isEdgeSubgraph,
    );
    expect(units.map(unit => unit.fetches.map(({ compiled }) => compiled.fetch.subgraph))).toEqual([
      ['faults', 'software'],
      ['fleet'],
      ['inventory'],
    ]);
    expect(units[2]?.after).toEqual([0, 1]);
  });

  it('of a mutation hold one fetch each', async () => {
    const units = await unitsFor(
      'mutation { a: updateHost(input: { id: "a/b" }) { host { hostname software { release } } } }',
    );
    expect(units[0]).toMatch(/^inventory/);
    expect(units.every(unit => !unit.includes('+'))).toBe(true);
  });
});

describe('a fetch', () => {
  it('waits for those only that write what it reads', async () => {
    const { fetches } = await fleet.plan(
      parse('{ regions { nodes { alarms { totalCount } hosts { nodes { hostname software { release } } } } } }'),
    );
    const at = (subgraph: string) => fetches.findIndex(fetch => fetch.subgraph === subgraph);
    expect(fetches[at('faults')]?.after).toEqual([at('fleet')]);
    expect(fetches[at('inventory')]?.after).toEqual([at('fleet')]);
    expect(fetches[at('software')]?.after).toEqual([at('fleet'), at('inventory')]);
  });
});

describe('a plan that leaves fields out', () => {
  const query =
    '{ reviews { media { id title ... on Movie { s: reviews(first: 0) { id } minutes } ... on Book { pages rating } } } }';
  const supergraphSdl = aShop().supergraphSdl;

  it('is noticed', async () => {
    const { api } = schemasOf(supergraphSdl);
    const document = parse(query);
    const operation = document.definitions[0] as never;
    const plan = await (await plannerOf(supergraphSdl)).plan(document);
    const whole = planFlaw(api, operation, plan);
    const forBooksOnly: FetchPlan = JSON.parse(JSON.stringify(plan), (key, value) =>
      key === 'types' && value.includes('Movie') && !value.includes('Media') ? ['Book'] : value,
    );
    const named = [whole, planFlaw(api, operation, forBooksOnly)].filter(flaw => flaw !== null);
    expect(named.length).toBeGreaterThan(0);
    expect(named[0]).toMatch(/^it fetches reviews\.media\.(s|rating), but not of (Movie|Book)$/);
  });
});

describe('two planners', () => {
  const planner = (name: string, plan: (document: DocumentNode) => Promise<FetchPlan>): Planner => ({ name, plan });
  const nothing: FetchPlan = { fetches: [] };
  const fails = (message: string) => planner('first', () => Promise.reject(new Error(message)));

  it('are asked one after the other, the second only when it is needed', async () => {
    let opened = 0;
    const second = async () => {
      opened++;
      return planner('second', async () => nothing);
    };
    await withFallback(
      planner('first', async () => nothing),
      second,
      isFinal,
    ).plan(parse('{ a }'));
    expect(opened).toBe(0);
    expect(await withFallback(fails('broken'), second, isFinal).plan(parse('{ a }'))).toBe(nothing);
    expect(opened).toBe(1);
  });

  it('agree that there is no way when the first one looked everywhere', async () => {
    const second = () => Promise.reject(new Error('not asked'));
    const both = withFallback(fails('No paths found for selection item: x'), second, isFinal);
    await expect(both.plan(parse('{ a }'))).rejects.toThrow('No paths found');
  });

  it('leave it at what a limit refuses: the second one would hold up everybody', async () => {
    const first = planner('first', () => Promise.reject(codedError('PLANNER_BUSY', 'try again')));
    const second = () => Promise.reject(new Error('not asked'));
    await expect(withFallback(first, second, isFinal).plan(parse('{ a }'))).rejects.toThrow('try again');
  });
});

it('a mutation with fetches below its fields is planned field by field', async () => {
  const shop = await plannerOf(aShop().supergraphSdl);
  const document = parse('mutation { a: count befriend(a: "1", b: "2") { favourite { inStock } } b: count }');
  const { fetches } = await fieldByField(shop).plan(document);
  expect(fetches.map(({ kind }) => kind === 'mutation')).toEqual([
    true,
    true,
    ...fetches.slice(3).map(() => false),
    true,
  ]);
  expect(fetches.at(-1)?.after).toEqual(fetches.slice(0, -1).map((_, at) => at));
});
