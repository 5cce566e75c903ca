// What is answered past @apollo/server cannot be told from what it answers.
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { resets } from '../../support/stub-region.ts';
import { aGateway, FLEET_QUERY, type GatewayStack } from './gateway-stack.ts';

const left = leftovers();
let stack: GatewayStack;
beforeAll(async () => {
  stack = await aGateway(['r1', 'r2'], left);
});
afterEach(() => stack.reset());

interface Asked {
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}

async function post({ body, headers }: Asked) {
  const answer = await fetch(stack.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: '*/*', ...headers },
    body: JSON.stringify(body),
  });
  const { date: _, ...told } = Object.fromEntries(answer.headers);
  return { status: answer.status, headers: told, text: await answer.text() };
}

/** Requests that needed no @apollo/server so far. */
async function direct(): Promise<number> {
  const text = await (await fetch(new URL('/metrics', stack.url))).text();
  return Number(/^murmuration_direct_answers_total\S* (\d+)/m.exec(text)?.[1]);
}

const HOST = 'query($id: ID!) { host(id: $id) { hostname } }';

describe('a document that @apollo/server let through', () => {
  it.each<[string, Asked]>([
    ['a query', { body: { query: FLEET_QUERY } }],
    ['variables', { body: { query: HOST, variables: { id: 'r1/worker-0' } } }],
    ['a name', { body: { query: 'query A { regions { totalCount } } query B { __typename }', operationName: 'A' } }],
    [
      'nulls for nothing',
      { body: { query: '{ __typename }', variables: null, operationName: null, extensions: null } },
    ],
    ['introspection', { body: { query: '{ __schema { queryType { name } } regions { totalCount } }' } }],
    [
      'another accept',
      { body: { query: '{ a: __typename }' }, headers: { accept: 'application/graphql-response+json' } },
    ],
    ['an error at its place', { body: { query: HOST, variables: { id: 'nonsense' } } }],
    [
      'a mutation',
      { body: { query: 'mutation { acknowledgeAlarm(input: { id: "r1/on-worker-0" }) { alarm { id } } }' } },
    ],
  ])('is answered without it, to the last byte as before: %s', async (_what, asked) => {
    // the first one may be new, and so may the header
    await post({ ...asked, body: { query: '{ b: __typename }' } });
    const first = await post(asked);
    const before = await direct();
    expect(await post(asked)).toEqual(first);
    expect((await direct()) - before).toBe(1);
    expect(first.status).toBe(200);
  });

  it.each<[string, Asked, number]>([
    ['a variable of a wrong type', { body: { query: HOST, variables: { id: {} } } }, 400],
    ['a variable too few', { body: { query: HOST } }, 400],
    ['a name that it has not', { body: { query: HOST, variables: { id: 'r1/worker-0' }, operationName: 'X' } }, 400],
    ['variables that are none', { body: { query: HOST, variables: [] } }, 400],
    ['a hash in place of the text', { body: { query: HOST, extensions: { persistedQuery: { version: 2 } } } }, 400],
    ['a type that nobody gives', { body: { query: '{ __typename }' }, headers: { accept: 'image/png' } }, 406],
  ])('is left to it with %s', async (_what, asked, status) => {
    await post({ body: { query: HOST, variables: { id: 'r1/worker-0' } } });
    await post({ body: { query: '{ __typename }' } });
    const before = await direct();
    const first = await post(asked);
    expect(first.status).toBe(status);
    expect(await post(asked)).toEqual(first);
    expect(await direct()).toBe(before);
  });

  it('has its errors told as before when a region is away', async () => {
    const query = '{ regions { nodes { id hosts { totalCount } } } }';
    await stack.ask(query);
    stack.regions['r2']!.behave(resets);
    const { data, errors } = await stack.ask(query);
    expect(data.regions.nodes[1]).toEqual({ id: 'r2', hosts: null });
    expect(errors).toEqual([
      {
        message: expect.stringContaining('r2'),
        path: ['regions', 'nodes', 1, 'hosts'],
        extensions: expect.objectContaining({ code: 'REGION_UNREACHABLE', region: 'r2', serviceName: 'inventory' }),
      },
    ]);
  });

  it('is explained to whoever asks', async () => {
    const query = '{ regions { nodes { id hosts { totalCount } } } }';
    await stack.ask(query);
    const { text } = await post({ body: { query }, headers: { 'murmuration-explain': '1' } });
    expect(JSON.parse(text).extensions.plan).toHaveLength(3);
  });

  it('is never one that was refused', async () => {
    for (const query of ['{ nonsense }', '{', 'subscription { alarmFeed { cursor } }']) {
      const before = await direct();
      const answers = [await post({ body: { query } }), await post({ body: { query } })];
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[0]!.status).toBe(400);
      expect(await direct()).toBe(before);
    }
  });
});
