// Hive Gateway's runtime. Variant `js` plans with its own TypeScript planner, `rust` with the native one. `share` is its
// in-flight de-duplication of subgraph requests (its default); variant `rust-inbound` also shares whole operations.
import fs from 'node:fs';
import http from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';
import { askRegions, isEntityFetch } from './by-region.mjs';
import { listen, settings } from './front.mjs';

const { supergraphFile, services, regions, variant, share } = settings;
const subgraphByOrigin = new Map(Object.entries(services).map(([name, url]) => [new URL(url).host, name]));

/** Takes the place of the fetch to an edge subgraph's one address. */
const regionsPlugin = {
  onFetch({ url, options, setFetchFn }) {
    const subgraph = subgraphByOrigin.get(new URL(url).host);
    if (subgraph === undefined || subgraph === 'fleet') return;
    const body = JSON.parse(options.body);
    if (!isEntityFetch(body)) return;
    setFetchFn(async () => Response.json(await askRegions(regions, subgraph, body)));
  },
};

const gateway = createGatewayRuntime({
  supergraph: fs.readFileSync(supergraphFile, 'utf8'),
  logging: false,
  ...(variant === 'js' ? {} : { unifiedGraphHandler }),
  ...(variant === 'rust-inbound' ? { inboundInflightRequestDeduplication: true } : {}),
  ...(share ? {} : { transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } } }),
  plugins: () => (regions ? [regionsPlugin] : []),
});

listen(http.createServer(gateway));
