// What the engine needs of the world: someone who carries a request to a subgraph, and, where subgraphs are sharded, who
// says which region answers what.
import type { CompiledFetch } from '../../federation/compiled-fetch.ts';
import type { SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Target } from '../../federation/targets.ts';

export interface FetchRequest<Scope> {
  readonly subgraph: string;
  /** Null for a subgraph that is not sharded. */
  readonly region: string | null;
  /** JSON text of the GraphQL request. */
  readonly body: string;
  readonly fetch: CompiledFetch;
  readonly scope: Scope;
}

export interface Fetcher<Scope> {
  /** Throws FetchFailure. The answer is the caller's own: the engine makes its objects part of the data. */
  fetch(request: FetchRequest<Scope>): Promise<SubgraphAnswer>;
}

export interface Sharding {
  isSharded(subgraph: string): boolean;
  /** The region that answers for an object; null when its id names none. */
  regionOf(target: Target): string | null;
}
