// Serves graphql-transport-ws on a door's path.
import type http from 'node:http';
import { execute, type GraphQLSchema, subscribe } from 'graphql';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { isAuthorized } from './http-door.ts';
import type { Logger } from './log.ts';

export interface WebSocketDeps {
  readonly server: http.Server;
  readonly path: string;
  readonly token?: string | undefined;
  readonly log: Logger;
  /** Asked for each operation when it may change. */
  readonly schema: GraphQLSchema | (() => GraphQLSchema);
  /** A context for one operation. */
  context(): unknown;
  /** In place of graphql-js: for operations that are planned rather than resolved here. */
  readonly execute?: ServerOptions['execute'];
  readonly subscribe?: ServerOptions['subscribe'];
}

const MAX_MESSAGE = 1024 * 1024; // bytes a client may send at once
// Keeps middle boxes from closing a quiet socket, and finds dead ones; long enough for a client that is only slow.
const PING_MS = 45_000;

/** Answers how to close: tells every client that the server goes away, so that it reconnects elsewhere. */
export function serveWebSocket(deps: WebSocketDeps): { close(): Promise<void> } {
  const sockets = new WebSocketServer({
    server: deps.server,
    path: deps.path,
    maxPayload: MAX_MESSAGE,
    verifyClient: ({ req }: { req: http.IncomingMessage }) => isSameSite(req),
  });
  sockets.on('error', error => deps.log.warn({ err: error }, 'web socket server error'));
  const disposable = useServer(
    {
      schema: deps.schema,
      context: () => deps.context() as Record<string, unknown>,
      execute: deps.execute ?? execute,
      subscribe: deps.subscribe ?? subscribe,
      onConnect: ({ connectionParams, extra }) => {
        const given = connectionParams?.['authorization'] ?? extra.request.headers.authorization;
        if (isAuthorized(deps.token, typeof given === 'string' ? given : undefined)) return true;
        extra.socket.close(CloseCode.Forbidden, 'Send the token as authorization: Bearer <token>');
        return false;
      },
    },
    sockets,
    PING_MS,
  );
  return { close: async () => disposable.dispose() };
}

/** A browser names the page's origin: only pages of this server may open a socket. Programs name none. */
function isSameSite({ headers }: http.IncomingMessage): boolean {
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}
