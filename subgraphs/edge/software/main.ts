// Wires the software subgraph of one region.
import { authHeaders } from '../../../runtime/config.ts';
import type { RunningSubgraph } from '../../runtime/subgraph.ts';
import { subgraphSchema } from '../../runtime/subgraph-schema.ts';
import { type EdgeSubgraphDeps, openEdgeStore } from '../edge-store.ts';
import { softwareContext } from './context.ts';
import { followRemovals } from './hosts/host-follower.ts';
import { releaseResolvers } from './releases/release-resolvers.ts';
import { releaseService } from './releases/release-service.ts';
import { SOFTWARE_NOW } from './releases/release-store.ts';
import { softwareTables } from './tables.ts';

export interface SoftwareDeps extends EdgeSubgraphDeps {
  /** The region's own door, to follow its inventory. */
  readonly door: string;
}

export async function openSoftware(deps: SoftwareDeps): Promise<RunningSubgraph> {
  const { region, config, door, log } = deps;
  const store = await openEdgeStore('software', softwareTables, deps);
  const { dataSource, outbox, now } = store;
  const releases = releaseService({ outbox, now });
  const stopFollowing = followRemovals({ region, door, headers: authHeaders(config), dataSource, outbox, log, now });
  return {
    name: 'software',
    schema: subgraphSchema('software', [releaseResolvers({ region, dataSource, releases })]),
    context: () => softwareContext(dataSource),
    outbox,
    snapshot: SOFTWARE_NOW,
    close: async () => {
      await stopFollowing();
      await store.close();
    },
  };
}
