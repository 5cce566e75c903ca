// Fetches from subgraphs at fixed addresses: for supergraphs that are not sharded, and for measuring.
import { request } from 'undici';
import { FetchFailure, type SubgraphAnswer } from '../../federation/subgraph-answer.ts';
import type { Fetcher } from './fetcher.ts';

export function urlFetcher(addressOf: (subgraph: string) => string | undefined): Fetcher<unknown> {
  return {
    fetch: async ({ fetch, body }) => {
      const { subgraph } = fetch.fetch;
      try {
        const url = addressOf(subgraph);
        if (url === undefined) throw new Error('has no address');
        const answer = await request(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body,
        });
        return (await answer.body.json()) as SubgraphAnswer;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new FetchFailure({ message: `The subgraph ${subgraph} gave no answer: ${reason}.` });
      }
    },
    unusable: ({ fetch }, flaw) => new FetchFailure({ message: `The subgraph ${fetch.fetch.subgraph} ${flaw}.` }),
  };
}
