// How an operation learns that its client left before it had its answer, whatever transport the client came by.
import { setMaxListeners } from 'node:events';
import { GraphQLError } from 'graphql';

export interface ClientDeparture {
  /** Aborts when the client has left. Its reason is an error that is made for clients: nothing went wrong here. */
  readonly signal: AbortSignal;
  leave(): void;
}

export function clientDeparture(): ClientDeparture {
  const departure = new AbortController();
  setMaxListeners(0, departure.signal); // every fetch under way listens
  return {
    signal: departure.signal,
    leave: () => departure.abort(new GraphQLError('The client left before it had its answer.')),
  };
}
