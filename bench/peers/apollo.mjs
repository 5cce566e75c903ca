// @apollo/gateway behind @apollo/server. Variant `stock` fetches as it comes (make-fetch-happen), `undici` over undici's pools.
// Regions are reached over undici in both: the data source is not part of the package then.
import fs from 'node:fs';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { askRegions, isEntityFetch, post } from './by-region.mjs';
import { serveApollo, settings } from './front.mjs';

const { supergraphFile, services, regions, variant } = settings;

const dataSource = (name, url) => {
  if (variant === 'stock' && !regions) return new RemoteGraphQLDataSource({ url });
  return {
    process: ({ request: { query, variables } }) => {
      const body = { query, variables };
      return regions && isEntityFetch(body) && name !== 'fleet' ? askRegions(regions, name, body) : post(url, body);
    },
  };
};

await serveApollo(
  new ApolloGateway({
    supergraphSdl: fs.readFileSync(supergraphFile, 'utf8'),
    buildService: ({ name }) => dataSource(name, services[name]),
  }),
);
