// GraphQL onto provisioning.
import { badInput } from '../../../../schema/errors.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AddHostInput, ImportInput, ProvisioningService } from './provisioning-service.ts';

type InRegion<T> = { readonly input: T & { readonly region: string } };

export function provisioningResolvers(region: string, provisioning: ProvisioningService): Resolvers {
  const own = <T extends { readonly region: string }>({ region: named, ...input }: T): Omit<T, 'region'> => {
    if (named !== region) throw badInput(`This is region ${region}; it cannot answer for region ${named}.`);
    return input;
  };
  return {
    Mutation: {
      addHost: (_: unknown, { input }: InRegion<AddHostInput>) => provisioning.add(own(input) as AddHostInput),
      importHosts: (_: unknown, { input }: InRegion<ImportInput>) => provisioning.importXml(own(input) as ImportInput),
      exportHosts: async (_: unknown, { input }: InRegion<object>) => {
        own(input);
        return { ...(await provisioning.exportXml()), userErrors: [] };
      },
    },
  };
}
