// What each region's subgraphs know. A region reports the hash of each schema; the centre's own needs no look, another one
// is read from the region once and kept by the hash of what was read, so that no region can speak for another.

import { lru } from '../../runtime/lru.ts';
import { EDGE_SUBGRAPHS, type EdgeSubgraph, hashOfSdl, readSubgraph } from '../../schema/sources.ts';
import type { DirectoryRegion } from './region-directory.ts';
import { type SchemaShape, shapeOfSchema } from './schema-shape.ts';
import { type Send, type Transport, TransportFailure } from './transport.ts';

export type AskOptions = Pick<Send, 'deadlineMs' | 'signal'>;

export interface RegionSchemas {
  /** Null when it is the centre's own, or when nothing is known of it. Throws TransportFailure. */
  of(door: DirectoryRegion, subgraph: EdgeSubgraph, options: AskOptions): Promise<SchemaShape | null>;
  /** Whether a look is needed at all; false at nearly no cost for a region that runs what the centre runs. */
  differs(door: DirectoryRegion, subgraph: EdgeSubgraph): boolean;
  /** Looks anew: the region does not do as it reported. */
  look(door: DirectoryRegion, subgraph: EdgeSubgraph, options: AskOptions): Promise<SchemaShape | null>;
}

const KEPT_SCHEMAS = 100; // different schemas over the whole fleet; a few releases of three subgraphs
const KEPT_LOOKS = 10_000; // region and subgraph
const SDL_LIMIT = 4 * 1024 * 1024; // bytes
const ASK_SDL = '{"query":"{ _service { sdl } }"}';

export function regionSchemas(transport: Pick<Transport, 'send'>): RegionSchemas {
  const own = new Map(EDGE_SUBGRAPHS.map(name => [name, hashOfSdl(readSubgraph(name))]));
  const shapes = lru<string, SchemaShape>(KEPT_SCHEMAS);
  const seen = lru<string, string>(KEPT_LOOKS); // what a look found, in place of what was reported then

  const keyOf = ({ id, schemas }: DirectoryRegion, subgraph: EdgeSubgraph): string =>
    `${id} ${subgraph} ${schemas?.[subgraph] ?? ''}`;
  const hashOf = (door: DirectoryRegion, subgraph: EdgeSubgraph): string | undefined =>
    seen.get(keyOf(door, subgraph)) ?? door.schemas?.[subgraph];
  const differs = (door: DirectoryRegion, subgraph: EdgeSubgraph): boolean => {
    const hash = hashOf(door, subgraph);
    return hash !== undefined && hash !== own.get(subgraph);
  };
  const look: RegionSchemas['look'] = async (door, subgraph, options) => {
    const url = `${door.endpoint}/${subgraph}/graphql`;
    const { data } = await transport.send({ url, body: ASK_SDL, share: true, maxBytes: SDL_LIMIT, ...options });
    const sdl = (data?.['_service'] as { readonly sdl?: unknown } | null | undefined)?.sdl;
    if (typeof sdl !== 'string') throw new TransportFailure('unusable', 'does not tell which schema it runs');
    const hash = hashOfSdl(sdl);
    seen.set(keyOf(door, subgraph), hash);
    return hash === own.get(subgraph) ? null : shapes.getOrMake(hash, () => readShape(sdl));
  };

  return {
    differs,
    of: async (door, subgraph, options) =>
      differs(door, subgraph) ? (shapes.get(hashOf(door, subgraph)!) ?? (await look(door, subgraph, options))) : null,
    look,
  };
}

function readShape(sdl: string): SchemaShape {
  try {
    return shapeOfSchema(sdl);
  } catch {
    throw new TransportFailure('unusable', 'tells a schema that is no GraphQL');
  }
}
