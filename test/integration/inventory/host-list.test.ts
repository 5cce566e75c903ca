// A region's hosts as clients read them: pages, filters, references, and what all that costs the database.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { ask, post, refusal } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
const COUNT = 23;
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1', 'lagos-2']);
  left.add(() => house.stop());
  door = hands(house);
  // equal names and no names: the order must hold without them
  const nameOf = (i: number) => (i % 5 === 0 ? null : `worker-${i % 3}`);
  for (let i = 0; i < COUNT; i++)
    await door.host({ hostname: nameOf(i), personality: i % 2 === 0 ? 'WORKER' : 'EDGEWORKER' });
});

const page = async (args: string, selection = 'nodes { id hostname }') =>
  (await door.region('inventory', `hosts(${args}) { ${selection} totalCount pageInfo { hasNextPage endCursor } }`))
    .hosts;

describe('the hosts of a region', () => {
  test.each([1, 4, COUNT, 500])('walked in pages of %i are each seen exactly once', async size => {
    const seen: string[] = [];
    for (let after = '', more = true; more; ) {
      const { nodes, totalCount, pageInfo } = await page(`first: ${size}${after}`);
      expect(totalCount).toBe(COUNT);
      seen.push(...nodes.map((host: { id: string }) => host.id));
      after = `, after: "${pageInfo.endCursor}"`;
      more = pageInfo.hasNextPage;
    }
    expect(seen).toHaveLength(COUNT);
    expect(new Set(seen).size).toBe(COUNT);
    expect(seen).toEqual((await page('first: 500')).nodes.map((host: { id: string }) => host.id));
  });

  test('come by hostname, those without a name first', async () => {
    const { nodes } = await page('first: 500');
    const names = nodes.map((host: { hostname: string | null }) => host.hostname ?? '');
    expect(names).toEqual([...names].sort());
    expect(names[0]).toBe('');
  });

  test('may be filtered, and are counted as filtered', async () => {
    const named = await page('filter: { hostname: "ER-1" }');
    expect(named.nodes.length).toBeGreaterThan(0);
    expect(new Set(named.nodes.map((h: { hostname: string }) => h.hostname))).toEqual(new Set(['worker-1']));
    expect(named.totalCount).toBe(named.nodes.length);
    expect((await page('filter: { personality: EDGEWORKER }')).totalCount).toBe(11);
    expect((await page('filter: { availability: [OFFLINE, FAILED] }')).totalCount).toBe(0);
    expect((await page('filter: { hostname: "%" }')).totalCount).toBe(0);
  });

  test.each([0, -1, 501])('cannot be asked for %i at a time', async first => {
    const answer = await door.entities(
      'inventory',
      [{ __typename: 'Region', id: 'lagos-1' }],
      regionHosts(`first: ${first}`),
    );
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test.each([
    ['no base64', '!!!'],
    ['no JSON', cursor('nonsense')],
    ['another list', cursor('["2026-01-01T00:00:00.000Z"]')],
    ['no uuid', cursor('["a","b"]')],
    ['numbers', cursor('[1,2]')],
    ['a NUL character', cursor(JSON.stringify(['\0', randomUUID()]))],
  ])('after a cursor with %s are CURSOR_INVALID', async (_, after) => {
    const references = [{ __typename: 'Region', id: 'lagos-1' }];
    const answer = await door.entities('inventory', references, regionHosts(`after: "${after}"`));
    expect(answer.errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
  });

  test('with all that they are made of cost as many statements for one as for all', async () => {
    const everything = `nodes { id hostname labels { key } cpu { model } memory { node hugePages { total } } ports { name }
      disks { kind } devices(kind: GPU) { name } region { id } }`;
    const cost = (first: number) =>
      statementsOf(/^hosts\.(page|count|by|hardware)/, () => page(`first: ${first}`, everything));
    const forOne = await cost(1);
    expect(forOne).toEqual(['hosts.count', 'hosts.hardware', 'hosts.page']);
    expect(await cost(COUNT)).toEqual(forOne);
  });
});

describe('a reference', () => {
  test('to many hosts is answered in order with one statement; unknown ones are null', async () => {
    const ids = (await page('first: 10')).nodes.map((host: { id: string }) => host.id);
    const wanted = [...ids.reverse(), `lagos-1/${randomUUID()}`, 'lagos-1/controller-0'];
    const references = wanted.map(id => ({ __typename: 'Host', id }));
    let answer: Awaited<ReturnType<typeof door.entities>> | undefined;
    const statements = await statementsOf(/^hosts\.by/, async () => {
      answer = await door.entities('inventory', references, '... on Host { id }');
    });
    expect(answer?.data._entities.map((host: { id: string } | null) => host?.id ?? null)).toEqual([...ids, null, null]);
    expect(statements).toEqual(['hosts.byIds']);
  });

  test.each([
    ['a host', { __typename: 'Host', id: `lagos-2/${randomUUID()}` }, '... on Host { hostname }'],
    ['the hosts', { __typename: 'Region', id: 'lagos-2' }, '... on Region { hosts { totalCount } }'],
  ])(
    'to %s of another region is refused, though that region runs in the same process',
    async (_, reference, selection) => {
      const answer = await door.entities('inventory', [reference], selection);
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(answer.errors?.[0]?.message).toContain('lagos-1');
    },
  );

  test('to the other region at its own path sees that region only', async () => {
    const other = await hands(house, 'lagos-2').region('inventory', 'hosts { totalCount }');
    expect(other.hosts.totalCount).toBe(0);
  });
});

describe('host(id:)', () => {
  const HOST = 'query ($id: ID!) { host(id: $id) { id devices(kind: CRYPTO) { name } asked: devices { kind } } }';

  test('answers the host with the devices of the kind that is asked for', async () => {
    const { id } = (await page('first: 1')).nodes[0];
    const { host } = await ask(house.url('inventory'), HOST, { id });
    expect(host).toEqual({ id, devices: [], asked: [{ kind: 'GPU' }] });
  });

  test('is null for an id that this region did not give out, and a refusal for what is no id of it', async () => {
    expect((await post(house.url('inventory'), HOST, { id: `lagos-1/${randomUUID()}` })).data.host).toBeNull();
    expect(await refusal(house.url('inventory'), HOST, { id: `lagos-2/${randomUUID()}` })).toBe('BAD_USER_INPUT');
    expect(await refusal(house.url('inventory'), HOST, { id: 'nonsense' })).toBe('BAD_USER_INPUT');
  });
});

const cursor = (text: string): string => Buffer.from(text).toString('base64url');
const regionHosts = (args: string): string => `... on Region { hosts(${args}) { totalCount } }`;
