// Asks one subgraph of one region for the reference engine: where its door stands, whether it failed in this request already,
// and how a region that gave no answer is told.
import type { EdgeSubgraph } from '../../schema/sources.ts';
import type { RegionDirectory } from './region-directory.ts';
import { type RegionFailure, regionError } from './region-errors.ts';
import type { ReleaseFetch } from './release-fetch.ts';
import type { RequestScope } from './subgraph-router.ts';
import { type SubgraphAnswer, type SubgraphError, type SubgraphRequest, TransportFailure } from './transport.ts';

export interface Question {
  readonly request: SubgraphRequest;
  readonly isMutation: boolean;
  /** Why an answer is none, or null. */
  flawOf(answer: SubgraphAnswer): string | null;
}

/** A region gave no answer; `error` stands in for it. */
export class RegionMissing extends Error {
  readonly error: SubgraphError;
  constructor(error: SubgraphError) {
    super(error.message);
    this.name = 'RegionMissing';
    this.error = error;
  }
}

export interface RegionFetchDeps {
  readonly directory: Pick<RegionDirectory, 'get'>;
  readonly release: Pick<ReleaseFetch, 'ask'>;
}

/** Throws RegionMissing, or the reason of the scope's signal. */
export type RegionFetch = (
  scope: RequestScope,
  subgraph: EdgeSubgraph,
  region: string,
  question: Question,
) => Promise<SubgraphAnswer>;

export function regionFetch({ directory, release }: RegionFetchDeps): RegionFetch {
  return async ({ failures, signal }, subgraph, region, { request, isMutation, flawOf }) => {
    const door = directory.get(region);
    const missing = (failure: RegionFailure, wasSent: boolean): RegionMissing =>
      new RegionMissing(regionError(region, subgraph, failure, { isMutation, wasSent }));
    const known = door ? failures.get(region) : 'unknown';
    if (!door || known) throw missing(known ?? 'unknown', false);
    try {
      const body = JSON.stringify(request);
      const answer = await release.ask({ door, subgraph, body, isMutation, signal });
      const flaw = flawOf(answer);
      if (flaw !== null) throw new TransportFailure('unusable', flaw);
      return answer;
    } catch (error) {
      if (!(error instanceof TransportFailure)) throw error;
      if (saysTheRegionIsAway(error)) failures.set(region, error);
      throw missing(error, error.wasSent);
    }
  };
}

/** A door that is not asked for now, or answers badly, says nothing of the other doors of its region. */
export const saysTheRegionIsAway = ({ kind }: TransportFailure): boolean =>
  kind === 'unreachable' || kind === 'timeout';
