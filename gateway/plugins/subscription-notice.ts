// Tells a client that sends a subscription by HTTP where subscriptions are served.
import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import { codedError } from '../../schema/errors.ts';
import type { RequestScope } from '../routing/subgraph-router.ts';

const NOTICE =
  'Subscriptions are served at this address over WebSocket (graphql-transport-ws), and at /graphql/stream as Server-Sent Events.';

export const subscriptionNotice: ApolloServerPlugin<RequestScope> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation === OperationTypeNode.SUBSCRIPTION)
        throw codedError('BAD_USER_INPUT', NOTICE, { http: { status: 400 } });
    },
  }),
};
