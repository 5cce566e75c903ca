// What the gateway does with operations that come over a WebSocket: subscriptions go to the engine, queries and
// mutations through the same server as those over HTTP.
import type { ApolloServer } from '@apollo/server';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLFormattedError, print } from 'graphql';
import { promptReturn } from '../../runtime/prompt-return.ts';
import type { ExecutionEngine, SubscriptionEvent } from '../execution/engine.ts';
import { newRequestScope, type RequestScope } from '../routing/subgraph-router.ts';

export const subscribeOver =
  (engine: ExecutionEngine) =>
  ({ document, variableValues, operationName }: ExecutionArgs): AsyncGenerator<ExecutionResult> => {
    const variables = variableValues ?? {};
    const events = engine.subscribe({ document, variables, operationName: operationName ?? undefined });
    return promptReturn(resultsOf(events), () => events.return(undefined));
  };

async function* resultsOf(events: AsyncGenerator<SubscriptionEvent>): AsyncGenerator<ExecutionResult> {
  for await (const { result } of events) yield result;
}

export const executeOver =
  (apollo: ApolloServer<RequestScope>) =>
  async ({ document, variableValues, operationName }: ExecutionArgs): Promise<ExecutionResult> => {
    const { body } = await apollo.executeOperation(
      {
        query: print(document),
        variables: { ...variableValues },
        ...(operationName ? { operationName } : {}),
      },
      { contextValue: newRequestScope() },
    );
    if (body.kind !== 'single') throw new Error('an incremental answer over a WebSocket');
    const { data = null, errors } = body.singleResult;
    return errors ? { data, errors: errors.map(unformatted) } : { data };
  };

/** graphql-ws formats errors itself. Their locations are those of the text printed here, not of the client's: left out. */
const unformatted = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { path, extensions });
