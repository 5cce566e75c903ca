// What a bench asks and who answers it: the subgraphs behind the gateways, their supergraph and the query.

import { readSupergraph } from '../../schema/sources.ts';
import { composeSubgraphs } from '../../schema/tools/composition.ts';
import { CLASSIC_QUERY, classicSubgraphs } from './classic.ts';
import { edgeSubgraphs, fleetQuery, fleetSubgraph, regionIds } from './fleet.ts';

export interface Subgraph {
  readonly name: string;
  readonly sdl: string;
  // biome-ignore lint/suspicious/noExplicitAny: a resolver map holds resolvers of every shape
  readonly resolvers: Record<string, Record<string, any>>;
}

export interface Topology {
  readonly query: string;
  /** At one address each. */
  readonly central: readonly Subgraph[];
  /** At one address per region: the regions' ids and the subgraphs that each of them runs. */
  readonly regions: readonly string[];
  readonly edge: readonly Subgraph[];
  /** Requests of the floor, which does no GraphQL: as many as a good plan needs, one per region at least. */
  readonly floorRequests: number;
  /** Clients that each wait for their answer before they ask again. */
  readonly clients: number;
  /** Between gateway and regions, in each direction. */
  readonly oneWayMs: number;
}

const CLASSIC_FETCHES = 16; // of @apollo/query-planner's plan

const fleetOf = (count: number, clients: number, oneWayMs = 0): Topology => ({
  query: fleetQuery(count),
  central: [fleetSubgraph(count)],
  regions: regionIds(count),
  edge: edgeSubgraphs,
  floorRequests: count,
  clients,
  oneWayMs,
});

/** By the name given to `npm run bench`. */
export const TOPOLOGIES: Readonly<Record<string, Topology>> = {
  classic: {
    query: CLASSIC_QUERY,
    central: classicSubgraphs,
    regions: [],
    edge: [],
    floorRequests: CLASSIC_FETCHES,
    clients: 16,
    oneWayMs: 0,
  },
  'fanout-10': fleetOf(10, 16),
  'fanout-50': fleetOf(50, 8),
  'fanout-200': fleetOf(200, 8),
  'fanout-1000': fleetOf(1_000, 2), // a slow gateway takes seconds for one; more at once would only queue
  wan: fleetOf(50, 1, 20), // one client: its latency counts round trips, not queues
};

/** With the address of each central subgraph in it; those of the edge have none, their regions have. */
export function supergraphOf(topology: Topology, services: Readonly<Record<string, string>>): string {
  const placed = Object.entries(services);
  return placed.reduce(
    (sdl, [name, url]) => sdl.replace(`http://${name}.murmuration.invalid/graphql`, url),
    topology.edge.length > 0 ? readSupergraph() : composed(topology),
  );
}

function composed({ central }: Topology): string {
  const composition = composeSubgraphs(new Map(central.map(({ name, sdl }) => [name, sdl])));
  if (!composition.ok) throw new Error(composition.problems.join('\n'));
  return composition.supergraphSdl;
}
