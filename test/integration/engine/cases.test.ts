import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FetchFailure } from '../../../federation/subgraph-answer.ts';
import { createEngine, type Engine } from '../../../gateway/engine/engine.ts';
import { answerText } from '../../../gateway/engine/written-data.ts';
import { aShop, type Shop } from './shop.ts';

let shop: Shop;
let engine: Engine<null>;
let engines: Readonly<Record<'auto' | 'apollo', Engine<null>>>;
/** What stands in for the answer to a request, by the subgraph. */
let instead: (subgraph: string, answer: () => Promise<object>) => Promise<object>;

beforeAll(async () => {
  engines = { auto: await anEngine('auto'), apollo: await anEngine('apollo') };
  engine = engines.auto;
});

const anEngine = (planner: 'auto' | 'apollo'): Promise<Engine<null>> =>
  createEngine<null>({
    supergraphSdl: aShop().supergraphSdl,
    planner,
    fetcher: {
      fetch: async ({ fetch: { fetch }, body }) => {
        const { query, variables } = JSON.parse(body);
        return (await instead(fetch.subgraph, () => shop.answer(fetch.subgraph, query, variables))) as never;
      },
      unusable: (_request, flaw) => new FetchFailure({ message: flaw }),
    },
  });

async function ask(query: string, variables = {}, act: typeof instead = (_, answer) => answer(), by = engine) {
  shop = aShop();
  instead = act;
  return JSON.parse(answerText(await by.execute({ document: parse(query), variables }, null)));
}

describe('a field that is required with one argument and asked with another', () => {
  it('is fetched as both', async () => {
    const { data } = await ask('{ product(id: "2") { duty(to: "US") customs more: duty(to: "CH") } }');
    expect(data.product).toEqual({ duty: 14, customs: 5, more: 4 });
  });
});

describe.each(['auto', 'apollo'] as const)('an alias that plans may read another value by (planner %s)', planner => {
  const under = async (body: string) =>
    (await ask(`{ product(id: "2") { ${body} } me { favourite { ${body} } } }`, {}, undefined, engines[planner])).data;

  it.each([
    ['of a key', 'sku: name inStock', 'other: name inStock', 'sku'],
    ['of the type name', '__typename: name inStock', 'other: name inStock', '__typename'],
    ['of a required field', 'price: weight shipping', 'other: weight shipping', 'price'],
    ['of a field required with an argument', 'duty: price customs', 'other: price customs', 'duty'],
    ['of a field required with another argument', 'duty customs', 'other: duty customs', 'duty'],
    ['within a required field', 'dims { unit: size } label', 'dims { other: size } label', 'unit'],
    ['of the field itself', 'id: id inStock', 'other: id inStock', 'id'],
  ])('%s changes nothing else', async (_, clashing, apart, name) => {
    const right = JSON.stringify(await under(apart)).replaceAll('"other":', `"${name}":`);
    expect(JSON.stringify(await under(clashing))).toBe(right);
  });

  it('is the name in the path of an error', async () => {
    const { errors } = await ask(
      '{ product(id: "2") { sku: name } }',
      {},
      async () => ({ data: { product: null }, errors: [{ message: 'no', path: ['product', '_asked_sku'] }] }),
      engines[planner],
    );
    expect(errors[0].path).toEqual(['product', 'sku']);
  });
});

it('the same field with its own name as its alias and without is one field (the native planner would abort)', async () => {
  const { data } = await ask(
    '{ media { id: id rating ... on Movie { id rating: rating reviews(first: 1) { id: id } } ... on Book { rating } } }',
  );
  expect(data.media.every(({ id }: { id?: string }) => id)).toBe(true);
});

describe('entities', () => {
  it('that are equal are asked for once, wherever they stand', async () => {
    const representations: number[] = [];
    const { data } = await ask(
      '{ users { email favourite { id inStock } friends(first: 2) { favourite { inStock } } } me { favourite { inStock } } }',
      {},
      async (subgraph, answer) => {
        const given = await answer();
        if (subgraph === 'stock')
          representations.push(
            ...Object.values((given as { data: Record<string, unknown[]> }).data).map(list => list.length),
          );
        return given;
      },
    );
    expect(data.users[0]).toEqual({
      email: '1@example.com',
      favourite: { id: '1', inStock: false },
      friends: [{ favourite: { inStock: true } }, null],
    });
    expect(Math.max(...representations)).toBeLessThanOrEqual(3); // products 1, 2 and 3, each more than once in the answer
  });

  it.each(['auto', 'apollo'] as const)('of an interface keep their own type name (planner %s)', async planner => {
    const { data } = await ask(
      '{ media { __typename id rating ... on Movie { minutes reviews(first: 1) { id } } } search { ... on Book { rating __typename } } }',
      {},
      undefined,
      engines[planner],
    );
    expect(data.media.map((one: { __typename: string }) => one.__typename)).toEqual(['Book', 'Movie', 'Book']);
    expect(data.media[1]).toEqual({ __typename: 'Movie', id: 'm2', rating: 2, minutes: 90, reviews: [{ id: 'r1' }] });
    expect(data.search[0]).toEqual({ rating: 1, __typename: 'Book' });
  });

  it('that are met only as an interface learn what they are', async () => {
    const { data } = await ask('{ reviews(first: 1) { media { kind: __typename ... on Movie { minutes } } } }');
    expect(data.reviews[0].media).toEqual({ kind: 'Movie', minutes: 90 });
  });
});

const isLater = (subgraph: string): boolean => subgraph !== 'catalogue';
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe('an error', () => {
  it('stands at its place in a list of mixed types', async () => {
    const { errors } = await ask(
      '{ search { __typename ... on Product { inStock } ... on Book { rating } } }',
      {},
      async (subgraph, answer) => {
        if (subgraph !== 'stock') return answer();
        return {
          data: { _entities: [{ inStock: null }] },
          errors: [{ message: 'no', path: ['_entities', 0, 'inStock'] }],
        };
      },
    );
    expect(errors.map((error: { path: unknown }) => error.path)).toEqual([
      ['search', 1, 'inStock'],
      ['search', 3, 'inStock'],
    ]);
    expect(errors[0].extensions).toEqual({ code: 'DOWNSTREAM_SERVICE_ERROR', serviceName: 'stock' });
  });

  it('of a fetch without an answer has path and code, one for each field with the number of objects', async () => {
    const failure = new FetchFailure({ message: 'gone', extensions: { code: 'GONE' } });
    const { data, errors } = await ask(
      '{ products(first: 2) { name inStock bin { row } } }',
      {},
      async (subgraph, answer) => {
        if (subgraph === 'stock') throw failure;
        return answer();
      },
    );
    expect(data.products).toBeNull(); // bin must not be null
    expect(
      errors.map(({ path, extensions }: { path: unknown[]; extensions: object }) => [path.join('.'), extensions]),
    ).toEqual([
      ['products.0.inStock', { code: 'GONE', serviceName: 'stock', count: 2 }],
      ['products.0.bin', { code: 'GONE', serviceName: 'stock', count: 2 }],
    ]);
  });

  it('of a fetch without an answer leaves what is known all the same, and tells of what misses only', async () => {
    const known = { _entities: [{ inStock: true }, null, { inStock: null, bin: { row: 7 } }] };
    const { data, errors } = await ask(
      '{ products(first: 3) { id inStock bin { row } } }',
      {},
      async (subgraph, answer) => {
        if (subgraph === 'stock') throw new FetchFailure({ message: 'gone' }, known);
        return answer();
      },
    );
    expect(data.products).toBeNull(); // two have no bin
    expect(
      errors.map(({ path, extensions }: { path: unknown[]; extensions: { count?: number } }) => [
        path,
        extensions.count,
      ]),
    ).toEqual([
      [['products', 1, 'inStock'], undefined],
      [['products', 0, 'bin'], 2],
    ]);
  });

  it('stands for a root fetch that failed, and the other subgraphs still answer', async () => {
    const { data, errors } = await ask(
      '{ me { id } mine: users { id } product(id: "1") { name } }',
      {},
      async (subgraph, answer) => {
        if (subgraph === 'accounts') throw new FetchFailure({ message: 'gone' });
        return answer();
      },
    );
    expect(data).toBeNull(); // users must not be null
    expect(errors.map(({ path }: { path: unknown[] }) => path.join('.')).sort()).toEqual(['me', 'mine']);
  });

  it.each<[string, string, (subgraph: string) => boolean]>([
    ['everywhere', '{ me { id } mine: users { id } product(id: "1") { name } search { __typename } }', () => true],
    [
      'in several later steps',
      '{ products(first: 2) { name inStock reviews(first: 1) { author { email } } } }',
      isLater,
    ],
    ['in a mutation', 'mutation { a: count befriend(a: "1", b: "2") { favourite { inStock } } b: count }', () => true],
  ])("that nobody foresaw is the caller's, and only the caller's: %s", async (_where, query, fails) => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listen);
    let thrown = 0;
    const asking = ask(query, {}, async (subgraph, answer) => {
      if (!fails(subgraph)) return answer();
      for (let turns = thrown++; turns > 0; turns--) await turn(); // one after the other
      throw new TypeError('a bug');
    });
    await expect(asking).rejects.toThrow('a bug');
    for (let turns = 0; turns < 20; turns++) await turn();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
    expect(thrown).toBeGreaterThan(0);
  });

  it.each<[string, object, RegExp]>([
    ['too few entities', { data: { _entities: [] } }, /answered 0 entities where 2 were asked for/],
    ['entities that are none', { data: { _entities: ['x', 7] } }, /no objects/],
    ['nothing', { data: null }, /no entities and no error/],
  ])('is told when a subgraph answers %s', async (_what, answer, message) => {
    const { data, errors } = await ask('{ products(first: 2) { name inStock } }', {}, async (subgraph, honest) =>
      subgraph === 'stock' ? answer : honest(),
    );
    expect(data.products[1]).toEqual({ name: expect.any(String), inStock: null });
    expect(errors).toEqual([
      expect.objectContaining({ path: ['products', 0, 'inStock'], message: expect.stringMatching(message) }),
    ]);
  });
});

describe('a request', () => {
  it('with variables that do not fit is refused, and nobody is asked', async () => {
    const { data, errors } = await ask('query($id: ID!, $n: Int) { product(id: $id) { reviews(first: $n) { id } } }', {
      n: 'x',
    });
    expect(data).toBeUndefined();
    expect(errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ]);
    expect(shop.asked).toEqual([]);
  });

  it('that costs too much is refused before it is planned', async () => {
    const { errors } = await ask(`{ me ${'{ friends '.repeat(31)} { id } ${'}'.repeat(31)} }`);
    expect(errors[0].extensions.code).toBe('OPERATION_TOO_EXPENSIVE');
  });

  it('with names that every object has is answered like any other', async () => {
    const { data } = await ask(
      '{ __proto__: me { constructor: email toString: friends(first: 1) { __proto__: email } } }',
    );
    expect(JSON.stringify(data)).toBe(
      '{"__proto__":{"constructor":"1@example.com","toString":[{"__proto__":"2@example.com"}]}}',
    );
    expect(({} as Record<string, unknown>)['email']).toBeUndefined();
  });

  it('for what the schema says of itself asks nobody', async () => {
    const { data } = await ask(
      'query($n: String!) { __typename __type(name: $n) { name } ...F } fragment F on Query { __schema { queryType { name } } }',
      { n: 'Product' },
    );
    expect(data).toEqual({
      __typename: 'Query',
      __type: { name: 'Product' },
      __schema: { queryType: { name: 'Query' } },
    });
    expect(shop.asked).toEqual([]);
  });

  it('plans each operation once, however it is written', async () => {
    const before = engine.counts().operations;
    await ask('{ me { id } }');
    await ask('query {me{id}}');
    await ask('{\n  me {\n    id # mine\n  }\n}');
    expect(engine.counts().operations.misses - before.misses).toBe(1);
    expect(engine.counts().operations.hits - before.hits).toBe(2);
  });
});

describe('a mutation', () => {
  it('does one field after the other, over all subgraphs', async () => {
    const { data } = await ask(
      'mutation { a: count befriend(a: "1", b: "2") { favourite { inStock } } b: count rename(id: "1", name: "x") { id } c: count }',
    );
    expect(data).toMatchObject({ a: 1, befriend: { favourite: { inStock: true } } });
    expect(data.b).toBeLessThan(data.c);
    const asked = shop.asked.join(' ');
    expect(asked).toMatch(/^catalogue accounts.* stock catalogue.* catalogue$/);
  });
});

describe.each(['auto', 'apollo'] as const)(
  'one name of several things that an @interfaceObject has (planner %s)',
  planner => {
    const of = async (book: string, movie: string) => {
      const { data } = await ask(
        `{ media { id ... on Book { ${book} } ... on Movie { ${movie} } } }`,
        {},
        undefined,
        engines[planner],
      );
      return data.media.map(({ id: _, ...fields }: Record<string, unknown>) => fields);
    };
    afterAll(() => expect(engines[planner].counts().plannerProcess?.crashes ?? 0).toBe(0));

    it.each([
      ['the same field with other arguments', 'reviews { id }', 'reviews(first: 1) { id }'],
      ['fields with other values', 'x: reviews(first: 2) { id }', 'x: reviews(first: 1) { id }'],
    ])('is each of them: %s', async (_, book, movie) => {
      const [one, two, three] = await of(book, movie);
      expect(one).toEqual(three);
      expect(Object.values(one)).not.toEqual(Object.values(two));
      expect(Object.values(two)).toEqual([[{ id: 'r1' }]]);
    });

    it('is one field where GraphQL takes it for one', async () => {
      const [one, two] = await of(
        'x: reviews(first: 1) { id }',
        'x: reviews(first: 1) { id }  ... { x: reviews(first: 1) { text } }',
      );
      expect(one).toEqual({ x: [{ id: 'r1' }] });
      expect(two.x).toHaveLength(1);
      expect(Object.keys(two.x[0])).toEqual(['id', 'text']);
    });
  },
);
