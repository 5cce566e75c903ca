// The root streams of subscriptions, from the fleet service. Each has a socket of its own that is read only as fast as
// its consumer takes: a slow one is held back by TCP all the way to the log, and costs nobody memory.
import { type Client, createClient, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { promptReturn } from '../../runtime/prompt-return.ts';
import type { SubgraphAnswer, SubgraphError, SubgraphRequest } from '../routing/transport.ts';

export interface Upstream {
  /** Throws UpstreamLost when the stream ends without being complete, or fails. What the fleet refuses is a result with errors. */
  subscribe(request: SubgraphRequest): AsyncGenerator<SubgraphAnswer>;
  close(): Promise<void>;
}

export class UpstreamLost extends Error {
  constructor() {
    super('the stream of the fleet service ended');
    this.name = 'UpstreamLost';
  }
}

export interface UpstreamDeps {
  /** GraphQL address of the fleet subgraph, http or https. */
  readonly fleetUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

const PAUSE_AT = 64; // results waiting for the consumer: enough to keep it busy
const RESUME_AT = 16;
const PING_MS = 10_000;
const PONG_MS = 5_000; // an answer to a ping takes longer only from a fleet service that hangs

export function openUpstream({ fleetUrl, headers }: UpstreamDeps): Upstream {
  const url = fleetUrl.replace(/^http/, 'ws');
  const open = new Set<AsyncGenerator<SubgraphAnswer>>();
  return {
    subscribe: request => {
      const stream = openStream(url, headers, request, () => open.delete(stream));
      open.add(stream);
      return stream;
    },
    close: async () => {
      await Promise.all([...open].map(stream => stream.return(undefined)));
    },
  };
}

function openStream(
  url: string,
  headers: UpstreamDeps['headers'],
  request: SubgraphRequest,
  closed: () => void,
): AsyncGenerator<SubgraphAnswer> {
  const waiting: SubgraphAnswer[] = [];
  const socket = pausableSocket();
  let end: { readonly failure?: unknown } | undefined;
  let wake: () => void = () => {};
  const finish = (reason: { readonly failure?: unknown }): void => {
    end ??= reason;
    wake();
  };
  const client = socket.client(url, headers);
  client.subscribe(request as SubscribePayload, {
    next: result => {
      waiting.push(result as SubgraphAnswer);
      if (waiting.length >= PAUSE_AT) socket.pause();
      wake();
    },
    error: failure => finish({ failure }),
    complete: () => finish({}),
  });

  async function* results(): AsyncGenerator<SubgraphAnswer> {
    try {
      for (;;) {
        while (waiting.length > 0) {
          const next = waiting.shift()!;
          if (waiting.length <= RESUME_AT) socket.resume();
          if (next.data === undefined && !isRefusal(next.errors)) throw new UpstreamLost();
          yield next;
        }
        if (end) break;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      if (isRefusal(end.failure)) yield { errors: end.failure };
      else if (end.failure !== undefined) throw new UpstreamLost();
    } finally {
      closed();
      socket.resume(); // a paused socket would never see its close answered
      await client.dispose();
    }
  }
  return promptReturn(results(), () => finish({}));
}

/** What the fleet subgraph does not want; not what it could not do just now, as while its database is away. */
const isRefusal = (failure: unknown): failure is SubgraphError[] =>
  Array.isArray(failure) && failure.every((error: SubgraphError) => !TROUBLE.has(String(error.extensions?.['code'])));

const TROUBLE: ReadonlySet<string> = new Set(['DATABASE_UNREACHABLE', 'INTERNAL_SERVER_ERROR']);

interface PausableSocket {
  client(url: string, headers: UpstreamDeps['headers']): Client;
  pause(): void;
  resume(): void;
}

/** A client whose socket can be left unread, and that gives up a socket whose other end does not answer pings. */
function pausableSocket(): PausableSocket {
  let socket: WebSocket | undefined;
  let overdue: NodeJS.Timeout | undefined;
  return {
    client: (url, headers) =>
      createClient({
        url,
        webSocketImpl: WebSocket,
        connectionParams: { ...headers },
        keepAlive: PING_MS,
        retryAttempts: 0, // whoever consumes the stream knows from where to go on
        onNonLazyError: () => undefined,
        on: {
          connected: opened => {
            socket = opened as WebSocket;
          },
          ping: received => {
            if (received || socket?.isPaused) return;
            overdue = setTimeout(() => socket?.isPaused || socket?.terminate(), PONG_MS);
          },
          pong: received => {
            if (received) clearTimeout(overdue);
          },
          closed: () => clearTimeout(overdue),
        },
      }),
    pause: () => socket?.pause(),
    resume: () => {
      if (socket?.isPaused) socket.resume();
    },
  };
}
