// The root streams of subscriptions: one socket to the fleet service for all of them. When it is lost every stream on it
// ends with an error, so that its client resumes from the last cursor it has; nothing is guessed in between.

import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { codedError } from '../../schema/errors.ts';
import { readShape, responseName, rootFields } from '../routing/operation-shape.ts';
import type { SubgraphAnswer, SubgraphError, SubgraphRequest } from '../routing/transport.ts';
import { promptReturn } from './prompt-return.ts';

export interface Upstream {
  subscribe(request: SubgraphRequest): AsyncIterable<SubgraphAnswer>;
  close(): Promise<void>;
}

export interface UpstreamDeps {
  /** GraphQL address of the fleet subgraph, http or https. */
  readonly fleetUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

const KEEP_ALIVE_MS = 10_000; // a ping this often; no pong by the next one and the socket is taken for dead

export function openUpstream({ fleetUrl, headers }: UpstreamDeps): Upstream {
  let client: Client | undefined;
  const connect = (): Client =>
    createClient({
      url: fleetUrl.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: headers,
      keepAlive: KEEP_ALIVE_MS,
      lazy: true,
      retryAttempts: 0, // a silent retry would send the snapshot again or skip what happened meanwhile
      onNonLazyError: () => undefined,
    });
  return {
    subscribe: request => {
      client ??= connect();
      const events = client.iterate(request as SubscribePayload) as Events;
      return promptReturn(told(events, request), () => events.return?.());
    },
    close: async () => {
      await client?.dispose();
    },
  };
}

type Events = AsyncIterableIterator<SubgraphAnswer>;

async function* told(events: Events, request: SubgraphRequest): AsyncGenerator<SubgraphAnswer> {
  try {
    for await (const event of events) yield event;
  } catch (error) {
    if (Array.isArray(error)) {
      yield { errors: error }; // the fleet subgraph refused the subscription
      return;
    }
    yield { errors: [lost(request)] };
  } finally {
    await events.return?.();
  }
}

function lost({ query, variables = {} }: SubgraphRequest): SubgraphError {
  const { message, extensions } = codedError(
    'FLEET_UNREACHABLE',
    'The fleet service cannot be reached: subscribe again with the last cursor as `after`.',
  );
  return { message, extensions, path: rootFields(readShape(query), variables).map(responseName) };
}
