// GraphQL onto the feed's account.
import type { DataSource } from 'typeorm';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { FleetContext } from '../context.ts';
import type { RegionRow } from '../regions/region.ts';
import type { FeedAccount } from './feed-account.ts';
import { allAccounts } from './feed-account-store.ts';

export function feedAccountResolvers(dataSource: DataSource): Resolvers {
  return {
    Query: { feedAccount: async () => sumOf(await allAccounts(dataSource)) },
    Region: {
      feedAccount: ({ id }: RegionRow, _: unknown, context: FleetContext) => context.feedAccount.load(id),
    },
    FeedAccount: { asOf: ({ committedAt }: FeedAccount) => committedAt },
  };
}

/** As of the region that was heard longest ago; unknown while one was never heard. */
export function sumOf(accounts: readonly FeedAccount[]): FeedAccount {
  const sum = (field: 'committed' | 'mirrored' | 'delivered' | 'lagged'): string =>
    String(accounts.reduce((total, account) => total + BigInt(account[field] ?? 0), 0n));
  const heard = accounts.filter(({ region }) => region !== '').map(({ committedAt }) => committedAt);
  const oldest = heard.reduce((a, b) => (a === null || b === null ? null : a < b ? a : b), heard[0] ?? null);
  return {
    region: '',
    committed: oldest === null ? null : sum('committed'),
    committedAt: oldest,
    mirrored: sum('mirrored'),
    delivered: sum('delivered'),
    lagged: sum('lagged'),
  };
}
