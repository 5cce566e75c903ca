import { parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf, operationOf } from '../../../gateway/engine/client-operation.ts';
import { normalForm } from '../../../gateway/engine/normal-form.ts';
import { type MadeOperation, operationFrom } from './operations.ts';
import { type Asked, ownEngine, stockGateway, type Told } from './oracle.ts';
import { aShop, type Mischief, type Shop } from './shop.ts';

/** More of them: `ENGINE_OPERATIONS=2000 npx vitest run --project parts test/integration/engine`. */
const OPERATIONS = Number(process.env['ENGINE_OPERATIONS'] ?? 12);

let shop: Shop = aShop();
let stock: Asked;
let engines: readonly (readonly [string, Awaited<ReturnType<typeof ownEngine>>])[];

beforeAll(async () => {
  stock = await stockGateway(() => shop);
  engines = [
    ['auto', await ownEngine(() => shop, 'auto')],
    ['apollo', await ownEngine(() => shop, 'apollo')],
  ];
});
afterAll(async () => {
  await stock.close();
  for (const [, engine] of engines) await engine.close();
});

async function answerOf(asked: Asked, operation: MadeOperation, mischief: Mischief): Promise<Told> {
  shop = aShop(mischief);
  return asked.ask(operation);
}

function plainForm({ query, variables }: MadeOperation): string {
  const { operation, fragments } = operationOf(parse(query), null);
  const conditions = new Map(Object.entries(variables).map(([name, value]) => [name, value === true]));
  const schema = engines[0]![1].engine.apiSchema;
  const plain = normalForm({ schema, fragments, conditions }, operation, () => true);
  return print(documentOf(plain!, new Map()));
}

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, below]) => [name, sorted(below)]),
  );
};

function made(root: 'query' | 'mutation', count: number, from: number): MadeOperation[] {
  const found: MadeOperation[] = [];
  for (let seed = from; found.length < count; seed++) {
    const operation = operationFrom(engines[0]![1].engine.apiSchema, seed, root);
    if (operation) found.push(operation);
  }
  return found;
}

const isSame = (a: Told, b: Told): boolean => JSON.stringify(sorted(a.data)) === JSON.stringify(sorted(b.data));

/**
 * What @apollo/gateway answers; when that differs, what it answers when it is asked in the plainest way: @skip and @include
 * lead it astray. Errors are compared as sets of places: who asks twice is told twice.
 */
async function compare(operation: MadeOperation, mischief: Mischief): Promise<void> {
  const asWritten = await answerOf(stock, operation, mischief);
  for (const [planner, engine] of engines) {
    const own = await answerOf(engine, operation, mischief);
    const right = isSame(own, asWritten)
      ? asWritten
      : await answerOf(stock, { ...operation, query: plainForm(operation) }, mischief);
    if (!isSame(own, right)) expect({ planner, ...operation, mischief, ...own }).toEqual(right);
    expect([...right.errors, ...asWritten.errors]).toEqual(expect.arrayContaining([...own.errors]));
    expect(own.errors.length > 0).toBe(right.errors.length > 0);
  }
}

describe('made operations are answered as @apollo/gateway answers them', {
  timeout: Math.max(120_000, OPERATIONS * 5_000),
}, () => {
  it('when all is well', async () => {
    for (const operation of made('query', OPERATIONS, 1)) await compare(operation, { seed: 0, nulls: 0, errors: 0 });
  });

  it('with nulls everywhere', async () => {
    for (const [i, operation] of made('query', OPERATIONS, 10_000).entries())
      await compare(operation, { seed: i, nulls: 10, errors: 0 });
  });

  it('with nulls and errors everywhere', async () => {
    for (const [i, operation] of made('query', OPERATIONS, 20_000).entries())
      await compare(operation, { seed: i, nulls: 5, errors: 5 });
  });

  it('when they change something: in order', async () => {
    for (const operation of made('mutation', OPERATIONS / 2, 1))
      await compare(operation, { seed: 0, nulls: 0, errors: 0 });
  });
});
