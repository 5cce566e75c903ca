// GraphQL onto suppressions: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId } from '../../own-region.ts';
import type { SuppressionRow } from './suppression.ts';
import type { SuppressInput, SuppressionService, UnsuppressInput } from './suppression-service.ts';
import { keyOfSuppression, listSuppressions } from './suppression-store.ts';

export interface SuppressionResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly suppressions: SuppressionService;
}

type InRegion<I> = { readonly input: I & { readonly region: string } };

export function suppressionResolvers({ region, dataSource, suppressions }: SuppressionResolverDeps): Resolvers {
  return {
    Mutation: {
      suppressAlarms: (_: unknown, { input }: InRegion<SuppressInput>) =>
        isOwnRegion(region, input.region) && suppressions.suppress(input),
      unsuppressAlarms: (_: unknown, { input: { id, ...input } }: InRegion<UnsuppressInput & { id: string }>) =>
        isOwnRegion(region, input.region) && suppressions.unsuppress(localId(region, id), input),
    },
    Region: {
      suppressions: async (_: unknown, args: PageArguments) => {
        const page = pageOf(args, ['instant', 'uuid']);
        return connectionOf({ ...(await listSuppressions(dataSource, page)), page, keyOf: keyOfSuppression });
      },
    },
    Suppression: {
      id: ({ id }: SuppressionRow) => makeId(region, id),
    },
  };
}
