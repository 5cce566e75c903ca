// A client of graphql-transport-ws as far as the tests need one: it collects what comes and says how the socket ended.
import type { ExecutionResult } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from '../../support/wait.ts';

export interface Listening {
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly results: ExecutionResult<any>[];
  /** Resolves once this many results have come. */
  until(count: number): Promise<void>;
  /** 'complete', or the error that ended it. */
  readonly ended: Promise<unknown>;
  /** Tells the gateway that this operation is no longer wanted. */
  stop(): void;
}

export interface SocketClient {
  run(query: string, variables?: Record<string, unknown>): Listening;
  close(): Promise<void>;
}

export function aSocket(url: string, connectionParams: Record<string, unknown> = {}): SocketClient {
  const client: Client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams,
    retryAttempts: 0,
  });
  return {
    run: (query, variables = {}) => listen(client, query, variables),
    close: async () => client.dispose(),
  };
}

function listen(client: Client, query: string, variables: Record<string, unknown>): Listening {
  const results: ExecutionResult[] = [];
  let stop = (): void => undefined;
  const ended = new Promise<unknown>(resolve => {
    stop = client.subscribe(
      { query, variables },
      {
        next: result => void results.push(result as ExecutionResult),
        error: resolve,
        complete: () => resolve('complete'),
      },
    );
  });
  return {
    results,
    until: async count => void (await eventually(`${count} results`, () => results.length >= count, 15_000)),
    ended,
    stop: () => stop(),
  };
}

/** How a socket that is opened by hand ends: the HTTP status that refused it, or the code that closed it. */
export function endOf(url: string, headers: Record<string, string>, init?: object): Promise<number> {
  return new Promise(resolve => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { headers });
    socket.on('unexpected-response', (_req, res) => resolve(res.statusCode!));
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', ...init })));
    socket.on('message', () => socket.close(4000)); // connection_ack: it was let in
    socket.on('close', resolve);
    socket.on('error', () => undefined); // close or unexpected-response says more
  });
}
