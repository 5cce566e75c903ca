// Wires the software subgraph of one region.
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { softwareContext } from './context.ts';
import { releaseResolvers } from './releases/release-resolvers.ts';
import { releaseService } from './releases/release-service.ts';
import { SOFTWARE_NOW } from './releases/release-store.ts';
import { softwareTables } from './tables.ts';

export async function openSoftware(deps: EdgeSubgraphDeps): Promise<RunningSubgraph> {
  const store = await openEdgeStore('software', softwareTables, deps);
  const { dataSource, outbox, now } = store;
  const releases = releaseService({ outbox, now });
  return {
    name: 'software',
    schema: subgraphSchema('software', [releaseResolvers({ region: deps.region, dataSource, releases })]),
    context: () => softwareContext(dataSource),
    outbox,
    snapshot: SOFTWARE_NOW,
    close: () => store.close(),
  };
}
