// The classic shop of federation benches: users, products, their stock and their reviews, over four subgraphs, asked three
// levels deep. Written in Federation 1, which every gateway understands.
import type { Subgraph } from './topology.ts';

const ACCOUNTS = `
  extend type Query { me: User users: [User] }
  type User @key(fields: "id") { id: ID! name: String username: String birthday: Int }
`;
const PRODUCTS = `
  extend type Query { topProducts(first: Int = 5): [Product] }
  type Product @key(fields: "upc") { upc: String! name: String price: Int weight: Int }
`;
const INVENTORY = `
  extend type Product @key(fields: "upc") {
    upc: String! @external
    weight: Int @external
    price: Int @external
    inStock: Boolean
    shippingEstimate: Int @requires(fields: "price weight")
  }
`;
const REVIEWS = `
  type Review @key(fields: "id") { id: ID! body: String author: User product: Product }
  extend type User @key(fields: "id") { id: ID! @external reviews: [Review] }
  extend type Product @key(fields: "upc") { upc: String! @external reviews: [Review] }
`;

const FIRST_NAMES = ['Ada', 'Björn', 'Chloé', 'Dmitri', 'Esra', 'Femi'];
const GOODS = ['Table', 'Couch', 'Chair', 'Lamp', 'Shelf', 'Rug', 'Clock', 'Mirror', 'Desk'];

const users = FIRST_NAMES.map((name, i) => ({
  __typename: 'User',
  id: `u${i + 1}`,
  name,
  username: `@${name.toLowerCase()}`,
  birthday: 1970 + i,
}));
const products = GOODS.map((name, i) => ({
  __typename: 'Product',
  upc: `p${i + 1}`,
  name,
  price: 199 + 100 * i,
  weight: 50 * (i + 1),
}));
/** Each user wrote three reviews, each of another product; no product of the last four has any. */
const reviews = users.flatMap((user, u) =>
  [0, 1, 2].map(nth => ({
    id: `r${u * 3 + nth + 1}`,
    body: `${user.name} has used it for ${u + nth + 1} months.`,
    author: { __typename: 'User', id: user.id },
    product: { __typename: 'Product', upc: `p${((u + nth * 2) % 5) + 1}` },
  })),
);

interface Priced {
  readonly upc: string;
  readonly price: number;
  readonly weight: number;
}

export const classicSubgraphs: readonly Subgraph[] = [
  {
    name: 'accounts',
    sdl: ACCOUNTS,
    resolvers: {
      Query: { me: () => users[0], users: () => users },
      User: { __resolveReference: ({ id }: { id: string }) => users.find(user => user.id === id) },
    },
  },
  {
    name: 'products',
    sdl: PRODUCTS,
    resolvers: {
      Query: { topProducts: (_: unknown, { first }: { first: number }) => products.slice(0, first) },
      Product: { __resolveReference: ({ upc }: { upc: string }) => products.find(product => product.upc === upc) },
    },
  },
  {
    name: 'inventory',
    sdl: INVENTORY,
    resolvers: {
      Product: {
        __resolveReference: (product: Priced) => product,
        inStock: ({ upc }: Priced) => Number(upc.slice(1)) % 2 === 1,
        shippingEstimate: ({ price, weight }: Priced) => (price > 500 ? 0 : Math.ceil(weight / 2)),
      },
    },
  },
  {
    name: 'reviews',
    sdl: REVIEWS,
    resolvers: {
      User: {
        __resolveReference: (user: object) => user,
        reviews: ({ id }: { id: string }) => reviews.filter(review => review.author.id === id),
      },
      Product: {
        __resolveReference: (product: object) => product,
        reviews: ({ upc }: Priced) => reviews.filter(review => review.product.upc === upc),
      },
      Review: { __resolveReference: ({ id }: { id: string }) => reviews.find(review => review.id === id) },
    },
  },
];

export const CLASSIC_QUERY = `
  query Classic {
    users {
      ...Person
      reviews { ...Opinion product { ...Goods reviews { ...Opinion author { ...Person reviews { ...Opinion product { ...Goods } } } } } }
    }
    topProducts {
      ...Goods
      reviews { ...Opinion author { ...Person reviews { ...Opinion product { ...Goods } } } }
    }
  }
  fragment Person on User { id username name }
  fragment Opinion on Review { id body }
  fragment Goods on Product { inStock name price shippingEstimate upc weight }
`;
