// GraphQL over HTTP: a client that wants application/json, and nothing newer, gets 200 for any well-formed request: the
// errors are in the body, and the status is only about HTTP. Everyone else keeps 400.
import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestScope } from '../routing/subgraph-router.ts';

const OF_THE_DOCUMENT = new Set(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);

export const statusByType: ApolloServerPlugin<RequestScope> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      const accept = request.http?.headers.get('accept') ?? '';
      if (!accept.includes('application/json') || accept.includes('application/graphql-response+json')) return;
      if (response.http.status !== 400 || response.body.kind !== 'single') return;
      const codes = (response.body.singleResult.errors ?? []).map(({ extensions }) => extensions?.['code']);
      if (codes.every(code => OF_THE_DOCUMENT.has(String(code)))) response.http.status = 200;
    },
  }),
};
