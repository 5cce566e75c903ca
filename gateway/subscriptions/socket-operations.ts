// What the gateway does with operations that come over a WebSocket: subscriptions are delivered, queries and
// mutations through the same server as those over HTTP.
import type { ApolloServer } from '@apollo/server';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, type GraphQLFormattedError, print } from 'graphql';
import { clientDeparture } from '../../runtime/client-departure.ts';
import type { MessageSink } from '../../runtime/graphql-ws.ts';
import { promptReturn } from '../../runtime/prompt-return.ts';
import { newRequestScope, type RequestScope } from '../routing/subgraph-router.ts';
import type { Deliveries, Sink } from './deliveries.ts';
import { payloadOf } from './told-event.ts';

/** What an operation over a socket is given (runtime/graphql-ws.ts). */
export interface SocketContext {
  readonly sink: MessageSink;
}

/** Results go to the socket as text that was made once for all subscribers; the stream itself has only its end to tell. */
export const subscribeOver =
  (deliveries: Deliveries) =>
  ({ document, variableValues, operationName, contextValue }: ExecutionArgs): AsyncGenerator<ExecutionResult> => {
    const request = { document, variables: variableValues ?? {}, operationName: operationName ?? undefined };
    const { done, leave } = deliveries.begin(request, sinkOver((contextValue as SocketContext).sink));
    done.catch(() => undefined); // told by the stream, once it is read
    return promptReturn(endOf(done), leave);
  };

// biome-ignore lint/correctness/useYield: what it would yield has gone to the sink
async function* endOf(done: Promise<void>): AsyncGenerator<ExecutionResult> {
  await done;
}

const sinkOver = ({ send, push, backlog }: MessageSink): Sink => ({
  send: event => send(event.bytes(payloadOf)),
  push: event => push(event.bytes(payloadOf)),
  backlog,
});

/**
 * The one answer of a query or mutation. It is a generator because that is what graphql-ws ends when the client leaves or
 * completes the operation; it waits for a mere promise and then drops what it brings.
 */
export const executeOver =
  (apollo: ApolloServer<RequestScope>) =>
  (args: ExecutionArgs): AsyncGenerator<ExecutionResult> => {
    const { signal, leave } = clientDeparture();
    return promptReturn(answerOnce(apollo, args, signal), leave);
  };

async function* answerOnce(
  apollo: ApolloServer<RequestScope>,
  { document, variableValues, operationName }: ExecutionArgs,
  left: AbortSignal,
): AsyncGenerator<ExecutionResult> {
  const { body } = await apollo.executeOperation(
    {
      query: print(document),
      variables: { ...variableValues },
      ...(operationName ? { operationName } : {}),
    },
    { contextValue: newRequestScope(left) },
  );
  if (left.aborted) return;
  if (body.kind !== 'single') throw new Error('an incremental answer over a WebSocket');
  const { data = null, errors } = body.singleResult;
  yield errors ? { data, errors: errors.map(unformatted) } : { data };
}

/** graphql-ws formats errors itself. Their locations are those of the text printed here, not of the client's: left out. */
const unformatted = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { path, extensions });
