import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planKey } from '../../../federation/door-plan.ts';
import type { Fetch } from '../../../federation/fetch-plan.ts';
import { aHouse, type House, hands } from './region-house.ts';

const TOKEN = 'a token of at least thirty-two characters';
let house: House;

beforeAll(async () => {
  house = await aHouse(['paris-1', 'lagos-1']);
  await hands(house).host({ hostname: 'compute-0' });
});
afterAll(() => house.stop());

const ENTITY = { alias: '_entities', variable: 'representations', inputRewrites: [], outputRewrites: [] };
const KEY = ['__typename', 'id'].map(name => ({ from: name, to: name }));

const entityFetch = (subgraph: string, type: string, asks: string, path: Fetch['path'], after: number[]): Fetch => ({
  subgraph,
  kind: 'query',
  operation: `query($representations:[_Any!]!){_entities(representations:$representations){...on ${type}{${asks}}}}`,
  variables: [],
  inputs: [{ ...ENTITY, paths: [path], requires: [{ types: [type], fields: KEY }] }],
  path: [],
  outputRewrites: [],
  after,
});

const HOSTS = [{ field: 'hosts' }, { field: 'nodes' }, { list: true as const }];
const PLAN = [
  entityFetch('inventory', 'Region', 'hosts{nodes{__typename id hostname}}', [], []),
  entityFetch('faults', 'Region', 'alarms{totalCount}', [], []),
  entityFetch('software', 'Host', 'software{release}', HOSTS, [0]),
];
const ROOTS = [{ __typename: 'Region', id: 'paris-1' }];

async function send(body: unknown, headers: Record<string, string> = {}, region?: string) {
  const answer = await fetch(`${house.door(region)}/plan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, ...(await answer.json()) };
}

const request = (fetches: readonly unknown[] = PLAN, roots: readonly unknown[] = ROOTS) => ({
  plan: JSON.stringify({ fetches }),
  variables: {},
  roots,
});

describe('the edge door of a region', () => {
  it('runs the fetches of a plan over its subgraphs, and answers the objects with what was fetched', async () => {
    const { status, data, errors } = await send(request());
    expect(status).toBe(200);
    expect(errors).toBeUndefined();
    expect(data.roots).toEqual([
      {
        ...ROOTS[0],
        alarms: { totalCount: 0 },
        hosts: {
          nodes: [
            {
              __typename: 'Host',
              id: expect.stringMatching(/^paris-1\//),
              hostname: 'compute-0',
              software: null,
            },
          ],
        },
      },
    ]);
  });

  it('tells the errors of its subgraphs at their places', async () => {
    const wrong = entityFetch('faults', 'Region', 'alarms(first: 9999){totalCount}', [], []);
    const { data, errors } = await send(request([PLAN[0], wrong]));
    expect(data.roots[0].hosts.nodes[0].hostname).toBe('compute-0');
    expect(errors[0].path).toEqual(['roots', 0, 'alarms']);
    expect(errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', serviceName: 'faults', region: 'paris-1' });
  });

  it.each<[string, unknown, RegExp]>([
    ['a mutation', request([{ ...PLAN[0], kind: 'mutation' }]), /kind/],
    [
      'a mutation that is called a query',
      request([{ ...PLAN[0], inputs: [], operation: 'mutation { clearAlarm(input: {}) { cleared } }' }]),
      /only queries are run here/,
    ],
    ['a subgraph that is not here', request([{ ...PLAN[0], subgraph: 'fleet' }]), /no subgraph "fleet"/],
    ['more fetches than a plan has', request(Array(65).fill(PLAN[0])), /fetches/],
    ['more objects than a page has', request(PLAN, Array(20_001).fill(ROOTS[0])), /roots/],
    ['a path deeper than any', request([{ ...PLAN[0], path: Array(65).fill({ list: true }) }]), /path/],
    ['a fetch that waits for a later one', request([{ ...PLAN[0], after: [1] }, PLAN[1]]), /not before it/],
    ['no plan', { variables: {}, roots: [] }, /plan/],
    ['no JSON', 'hello', /cannot be read/],
    ['an operation that is no GraphQL', request([{ ...PLAN[0], operation: '{' }]), /cannot be read/],
    ['more than it was told of', { ...request(), more: 1 }, /more/],
  ])('refuses %s', async (_what, body, message) => {
    const { status, errors } = await send(body);
    expect(status).toBe(400);
    expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
    expect(errors[0].message).toMatch(message);
  });

  describe('asked for the answer in shape', () => {
    const TEXT = { isRequired: true, leaf: 'String' };
    const hostname = { name: 'called', from: 'hostname', value: TEXT };
    const shapeOf = (host: object) =>
      JSON.stringify([
        { name: 'alarms', value: { fields: [{ name: 'totalCount', value: { isRequired: true, leaf: 'Int' } }] } },
        {
          name: 'hosts',
          value: { fields: [{ name: 'nodes', value: { list: { fields: [{ name: 'is', typename: 'Host' }, host] } } }] },
        },
      ]);
    const inShape = (shape: string) => ({ ...request(), shape });

    it('writes it as the client gets it', async () => {
      const { data } = await send(inShape(shapeOf(hostname)));
      expect(data).toEqual({
        shaped: [['paris-1', { totalCount: 0 }, { nodes: [{ is: 'Host', called: 'compute-0' }] }]],
      });
    });

    it('answers the data as it is when something is not as it must be, or failed', async () => {
      const software = { name: 'software', value: { isRequired: true, fields: [] } };
      const flawed = await send(inShape(shapeOf(software)));
      expect(flawed.data.roots[0].hosts.nodes[0]).toMatchObject({ hostname: 'compute-0', software: null });
      const wrong = entityFetch('faults', 'Region', 'alarms(first: 9999){totalCount}', [], []);
      const failed = await send({ ...request([PLAN[0], wrong]), shape: shapeOf(hostname) });
      expect(failed.errors[0].path).toEqual(['roots', 0, 'alarms']);
      expect([flawed.extensions, failed.extensions]).toEqual([{ shapes: true }, { shapes: true }]);
    });

    it('knows a plan again by its key, and says when it does not', async () => {
      const { plan, shape, ...rest } = inShape(shapeOf({ ...hostname, name: 'again' }));
      const known = planKey(plan, shape);
      const unknown = await send({ ...rest, known });
      expect([unknown.status, unknown.errors[0].extensions.code]).toEqual([409, 'PLAN_UNKNOWN']);
      const { data } = await send({ ...rest, plan, shape });
      expect((await send({ ...rest, known })).data).toEqual(data);
    });

    it.each([
      ['no JSON', '{'],
      ['a kind that is none', shapeOf({ name: 'a', value: { leaf: 'Long' } })],
      ['more than a shape has', JSON.stringify(Array(1_001).fill(hostname))],
      ['levels without end', `${'[{"name":"a","value":{"fields":'.repeat(5_000)}[]${'}}]'.repeat(5_000)}`],
    ])('refuses %s', async (_what, shape) => {
      const { status, errors } = await send(inShape(shape));
      expect([status, errors[0].extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
    });
  });

  it('refuses objects of another region: they are asked where they are', async () => {
    const { status, errors } = await send(request(PLAN, [{ __typename: 'Region', id: 'lagos-1' }]));
    expect(status).toBe(422);
    expect(errors[0].message).toContain('"lagos-1" is not of region paris-1');
  });

  it('refuses what is larger than a plan can be, and what is no JSON by its type', async () => {
    const large = await send({ ...request(), variables: { x: 'x'.repeat(8 * 1024 * 1024) } });
    expect(large.status).toBe(413);
    expect((await send(JSON.stringify(request()), { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${house.door()}/plan`)).status).toBe(405);
  });

  it('answers those only who have the token', async () => {
    const guarded = await aHouse(['oslo-1'], { auth: { token: TOKEN } });
    const url = `${guarded.door()}/plan`;
    const post = (headers: Record<string, string>) => fetch(url, { method: 'POST', headers, body: '{}' });
    expect((await post({})).status).toBe(401);
    expect((await post({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' })).status).toBe(400);
    await guarded.stop();
  });
});
