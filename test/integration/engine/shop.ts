// A small federated graph of our own that uses what federation has: several keys, @requires with and without arguments,
// @provides, @interfaceObject, unions, interfaces, inaccessible values, mutations over two subgraphs; with nulls and errors.
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/resolverMap.js';
import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema, parse } from 'graphql';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@requires", "@external", "@provides", "@interfaceObject", "@inaccessible", "@override"])`;

const SDL: Readonly<Record<string, string>> = {
  catalogue: `${LINK}
    type Query {
      products(first: Int): [Product!]
      product(id: ID!): Product
      items: [Item]
      search(kind: Kind): [Found!]
      media: [Media!]!
      fussy: Fussy
      shared: Int @shareable
    }
    type Mutation { rename(id: ID!, name: String!): Product  count: Int! }
    interface Item { id: ID!  name: String }
    union Found = Book | Product | User
    interface Media @key(fields: "id") { id: ID!  title: String }
    type Book implements Media & Item @key(fields: "id") { id: ID!  name: String  title: String  pages: Int  kind: Kind }
    type Movie implements Media & Item @key(fields: "id") { id: ID!  name: String  title: String  minutes: Int! }
    type Product implements Item @key(fields: "id") @key(fields: "sku") {
      id: ID!
      sku: String!
      name: String
      price: Int
      duty(to: String): Int
      cost(currency: String): Int
      weight: Int
      dims: Dims
      related(first: Int): [Product]
      grid: [[Product!]]
      kind: Kind
      tags: [String!]
      secret: String @inaccessible
    }
    type Dims @shareable { size: Int  unit: String }
    type Fussy { id: ID!  must: String!  list: [Fussy!]!  loose: [Fussy]  child: Fussy  number: Int }
    type User @key(fields: "id") { id: ID! }
    enum Kind { A B C @inaccessible }`,
  stock: `${LINK}
    type Query { shared: Int @shareable  warehouse: [Product] }
    type Product @key(fields: "sku") {
      sku: String!
      price: Int @external
      duty(to: String): Int @external
      weight: Int @external
      dims: Dims @external
      inStock: Boolean
      shipping(express: Boolean): Int @requires(fields: "price weight")
      customs: Int @requires(fields: "duty(to: \\"CH\\")")
      label: String @requires(fields: "dims { size unit }")
      bin: Bin!
    }
    type Dims { size: Int @external  unit: String @external }
    type Bin { row: Int  shelf: Shelf }
    type Shelf { height: Float }`,
  reviews: `${LINK}
    type Query { reviews(first: Int): [Review!] }
    type Mutation { review(product: ID!, text: String!): Review }
    type Media @interfaceObject @key(fields: "id") { id: ID!  rating: Int  reviews(first: Int): [Review!] }
    type Review @key(fields: "id") { id: ID!  text: String  author: User @provides(fields: "name")  product: Product  media: Media  subject: Subject }
    union Subject = Product | User
    type Product @key(fields: "id") { id: ID!  reviews(first: Int): [Review!] }
    type User @key(fields: "id") { id: ID!  name: String @external  reviews: [Review] }`,
  accounts: `${LINK}
    type Query { me: User  users: [User!]! }
    type Mutation { befriend(a: ID!, b: ID!): User }
    type User @key(fields: "id") { id: ID!  name: String @shareable  email: String!  friends(first: Int): [User]  favourite: Product  nick(length: Int = 3): String }
    type Product @key(fields: "id") { id: ID! }`,
};

const IDS = ['1', '2', '3', '4', '5'];

/** Deterministic: which fields are null or fail hangs on the seed and the object alone. */
export interface Mischief {
  readonly seed: number;
  /** In a hundred. */
  readonly nulls: number;
  readonly errors: number;
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return (value >>> 0) % 10_000;
}

type Row = Record<string, unknown>;

const productOf = (id: unknown): Row => ({ __typename: 'Product', id: String(id), sku: `sku-${id}` });
const userOf = (id: unknown): Row => ({ __typename: 'User', id: String(id) });
const mediaOf = (id: unknown): Row => ({
  __typename: Number(String(id).slice(1)) % 2 ? 'Book' : 'Movie',
  id: String(id),
});
const reviewOf = (id: unknown): Row => ({ __typename: 'Review', id: String(id) });
const some = <T>(rows: readonly T[], first: unknown): T[] =>
  rows.slice(0, typeof first === 'number' ? Math.max(0, first) : 3);
const products = IDS.map(productOf);
const users = IDS.map(userOf);
const media = ['m1', 'm2', 'm3'].map(mediaOf);
const reviews = ['r1', 'r2', 'r3', 'r4'].map(reviewOf);
const fussy = (depth: number): Row => ({ __typename: 'Fussy', id: `f${depth}`, depth });
const number = (of: Row): number => Number(String(of['id'] ?? of['sku']).replace(/\D/g, ''));

/** An entity is known by any of its keys. */
const whole = (type: string, row: Row): Row => (type === 'Product' ? { ...row, ...productOf(number(row)) } : row);

type Field = (row: Row, args: Row) => unknown;
type Fields = Readonly<Record<string, Readonly<Record<string, Field>>>>;

function fieldsOf(subgraph: string, state: { count: number }): Fields {
  switch (subgraph) {
    case 'catalogue':
      return {
        Query: {
          products: (_, { first }) => some(products, first),
          product: (_, { id }) => products.find(row => row['id'] === id) ?? null,
          items: () => [products[0], null, media[0], media[1]],
          search: () => [media[0], products[1], users[2], products[1]],
          media: () => media,
          fussy: () => fussy(0),
          shared: () => 7,
        },
        Mutation: {
          rename: (_, { id }) => products.find(row => row['id'] === id) ?? null,
          count: () => ++state.count,
        },
        Product: {
          name: row => `product "${row['id']}" \\ é \u2028`,
          price: row => number(row) * 100,
          cost: (row, { currency }) => number(row) * (currency === 'EUR' ? 100 : 130),
          duty: (row, { to }) => number(row) * (to === 'CH' ? 2 : 7),
          weight: row => number(row) * 3,
          dims: row => ({ __typename: 'Dims', size: number(row), unit: 'cm', id: `d${row['id']}` }),
          related: (row, { first }) => some([productOf((number(row) % 5) + 1), null, productOf(1)], first),
          grid: row => [[productOf(number(row))], null, []],
          kind: row => ['A', 'B', 'C'][number(row) % 3],
          tags: row => ['x', `t${row['id']}`],
        },
        Book: {
          name: row => `book ${row['id']}`,
          title: row => `title ${row['id']}`,
          pages: () => 300,
          kind: () => 'B',
        },
        Movie: { name: row => `movie ${row['id']}`, title: row => `title ${row['id']}`, minutes: () => 90 },
        Fussy: {
          must: () => 'must',
          list: row =>
            Number(row['depth']) > 2 ? [] : [fussy(Number(row['depth']) + 1), fussy(Number(row['depth']) + 10)],
          loose: row => (Number(row['depth']) > 2 ? [] : [fussy(Number(row['depth']) + 1), null]),
          child: row => (Number(row['depth']) > 2 ? null : fussy(Number(row['depth']) + 1)),
          number: row => Number(row['depth']),
        },
      };
    case 'stock':
      return {
        Query: { shared: () => 7, warehouse: () => [{ __typename: 'Product', sku: 'sku-4' }, null] },
        Product: {
          inStock: row => number(row) % 2 === 0,
          shipping: (row, { express }) =>
            Number(row['price'] ?? 0) + Number(row['weight'] ?? 0) + (express ? 1_000 : 0),
          customs: row => Number(row['duty']) + 1,
          label: row => (row['dims'] ? `label ${JSON.stringify((row['dims'] as Row)['size'])}` : null),
          bin: row => ({ row: number(row), id: row['sku'], shelf: { height: 1.5, id: row['sku'] } }),
        },
      };
    case 'reviews':
      return {
        Query: { reviews: (_, { first }) => some(reviews, first) },
        Mutation: { review: () => reviews[state.count++ % 4] },
        Media: { rating: row => number(row), reviews: (_, { first }) => some(reviews, first) },
        Product: { reviews: (row, { first }) => some(reviews.slice(number(row) % 3), first) },
        User: { reviews: row => [reviews[number(row) % 4], null], name: row => `name ${row['id']}` },
        Review: {
          text: row => `text ${row['id']}`,
          author: row => userOf((number(row) % 5) + 1),
          product: row => ({ __typename: 'Product', id: String((number(row) % 5) + 1) }),
          media: row => ({ __typename: 'Media', id: `m${(number(row) % 3) + 1}` }),
          subject: row => (number(row) % 2 ? { __typename: 'Product', id: '2' } : userOf(3)),
        },
      };
    default:
      return {
        Query: { me: () => users[0], users: () => users.slice(0, 2) },
        Mutation: { befriend: () => users[state.count++ % 5] },
        User: {
          name: row => `name ${row['id']}`,
          email: row => `${row['id']}@example.com`,
          friends: (row, { first }) => some([userOf((number(row) % 5) + 1), null], first),
          favourite: row => ({ __typename: 'Product', id: row['id'] }),
          nick: (row, { length }) => `nickname ${row['id']}`.slice(0, Number(length)),
        },
      };
  }
}

export interface Shop {
  readonly supergraphSdl: string;
  /** Requests so far, by subgraph. */
  readonly asked: string[];
  answer(subgraph: string, query: string, variables: Row): Promise<ExecutionResult>;
}

const composed = composeServices(
  Object.entries(SDL).map(([name, sdl]) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(sdl) })),
);
if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));

export function aShop({ seed, nulls, errors }: Mischief = { seed: 0, nulls: 0, errors: 0 }): Shop {
  const state = { count: 0 };
  const asked: string[] = [];
  const schemas = new Map<string, GraphQLSchema>();
  for (const [name, sdl] of Object.entries(SDL)) {
    const resolvers: Record<string, Record<string, unknown>> = {};
    for (const [type, fields] of Object.entries(fieldsOf(name, state))) {
      resolvers[type] = {
        __resolveReference: (row: Row) => (hash(`${seed} ${type} ${row['id']}`) < nulls * 20 ? null : whole(type, row)),
      };
      for (const [field, resolve] of Object.entries(fields))
        resolvers[type][field] = (row: Row | undefined, args: Row) => {
          const chance = hash(`${seed} ${type}.${field} ${row?.['id'] ?? row?.['sku'] ?? ''} ${JSON.stringify(args)}`);
          if (chance < errors * 100) throw new GraphQLError(`no ${field}`, { extensions: { code: 'MISCHIEF' } });
          if (chance < (errors + nulls) * 100) return null;
          return resolve(row ?? {}, args);
        };
      if (type === 'Query' || type === 'Mutation') delete resolvers[type]['__resolveReference'];
    }
    if (name === 'catalogue') {
      resolvers['User'] = { __resolveReference: (row: Row) => row };
      resolvers['Media'] = { __resolveReference: ({ id }: Row) => mediaOf(id) };
    }
    schemas.set(
      name,
      buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as GraphQLResolverMap<unknown> }),
    );
  }
  return {
    supergraphSdl: composed.supergraphSdl!,
    asked,
    answer: async (subgraph, query, variables) => {
      asked.push(subgraph);
      const result = await execute({
        schema: schemas.get(subgraph)!,
        document: parse(query),
        variableValues: variables,
      });
      return JSON.parse(JSON.stringify(result)) as ExecutionResult;
    },
  };
}
