// Serves graphql-transport-ws on a door's path: within limits, with a way to send ready-made results, and with a drain that
// does not bring all clients back at once.
import type http from 'node:http';
import {
  execute,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  subscribe,
} from 'graphql';
import { CloseCode, type ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { codedError } from '../schema/errors.ts';
import { type Admission, type Admitted, isRefusal, type Refusal } from './admission.ts';
import { documentCache } from './document-cache.ts';
import { drainSpreadMs } from './drain.ts';
import { isAuthorized } from './http-door.ts';
import type { Logger } from './log.ts';
import { type FaultOf, maskBug } from './mask-bug.ts';

export interface WebSocketDeps {
  readonly server: http.Server;
  readonly path: string;
  readonly token?: string | undefined;
  readonly log: Logger;
  /** Asked for each operation when it may change. */
  readonly schema: GraphQLSchema | (() => GraphQLSchema);
  /** A context for one operation; its results may be sent to the sink as text, past the operation's own stream. */
  context(sink: MessageSink): unknown;
  /** In place of graphql-js: for operations that are planned rather than resolved here. */
  readonly execute?: ServerOptions['execute'];
  readonly subscribe?: ServerOptions['subscribe'];
  readonly faultOf?: FaultOf;
  /** Without it everyone is let in. */
  readonly admission?: Admission;
  /** A socket that has not sent connection_init by then is closed. */
  readonly connectionInitMs?: number;
}

/** Takes results of one operation as the bytes of their JSON. */
export interface MessageSink {
  /** Resolves when the network has taken it, or the socket is gone. */
  send(payload: Buffer): Promise<void>;
  /** As `send`, when nobody asks whether it was taken. */
  push(payload: Buffer): void;
  /** Bytes of the socket that the network has not taken. */
  backlog(): number;
}

const MAX_MESSAGE = 1024 * 1024; // bytes a client may send at once
// Keeps middle boxes from closing a quiet socket, and finds dead ones; long enough for a client that is only slow.
const PING_MS = 45_000;
const SERVICE_RESTART = 1012; // RFC 6455 registry: come back, perhaps to another
const LAST_WORD_MS = 1_500; // for a client to answer the closing handshake

/** Answers how to close: tells every client, one after the other, that the server goes away, so that it reconnects elsewhere. */
export function serveWebSocket(deps: WebSocketDeps): { close(): Promise<void> } {
  const { admission } = deps;
  let isDraining = false;
  const sockets = new WebSocketServer({
    server: deps.server,
    path: deps.path,
    maxPayload: MAX_MESSAGE,
    verifyClient: ({ req }: { req: http.IncomingMessage }, answer) => {
      if (!isSameSite(req)) return answer(false, 401);
      if (isDraining)
        return turnAway(answer, { status: 503, message: 'This server is going down.', retryAfterMs: 1_000 });
      const place = admission?.socket();
      if (place && isRefusal(place)) return turnAway(answer, place);
      if (place) req.socket.once('close', place.release);
      answer(true);
    },
  });
  sockets.on('error', error => deps.log.warn({ err: error }, 'web socket server error'));
  const operations = admission && operationsOf(admission);
  const documents = documentCache();
  const told = (errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] =>
    errors.map(error =>
      error instanceof GraphQLError ? maskBug(deps.log, error.toJSON(), error, deps.faultOf) : error,
    );
  const disposable = useServer(
    {
      schema: deps.schema,
      parse: text => documents.parse(String(text)),
      validate: documents.validate,
      ...(deps.connectionInitMs === undefined ? {} : { connectionInitWaitTimeout: deps.connectionInitMs }),
      context: ({ extra }, id) => deps.context(sinkOf(extra.socket as WebSocket, id)) as Record<string, unknown>,
      execute: deps.execute ?? execute,
      subscribe: deps.subscribe ?? subscribe,
      onConnect: ({ connectionParams, extra }) => {
        const given = connectionParams?.['authorization'] ?? extra.request.headers.authorization;
        if (isAuthorized(deps.token, typeof given === 'string' ? given : undefined)) return true;
        extra.socket.close(CloseCode.Forbidden, 'Send the token as authorization: Bearer <token>');
        return false;
      },
      onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
        errors && ({ ...result, errors: told(errors) } as FormattedExecutionResult),
      onError: ({ extra }, id, _payload, errors) => {
        operations?.end(extra.socket, id);
        return told(errors);
      },
      ...(operations && {
        onSubscribe: ({ extra }, id) => operations.begin(extra.socket, extra.request, id),
        onComplete: ({ extra }, id) => operations.end(extra.socket, id),
        onClose: ({ extra }) => operations.endAll(extra.socket),
      }),
    },
    sockets,
    PING_MS,
  );
  return {
    close: async () => {
      isDraining = true;
      await Promise.all([...sockets.clients].map(socket => closeLater(socket, sockets.clients.size)));
      await disposable.dispose();
    },
  };
}

type Verdict = (isLetIn: boolean, status?: number, message?: string, headers?: http.OutgoingHttpHeaders) => void;

const turnAway = (answer: Verdict, { status, message, retryAfterMs }: Refusal): void =>
  answer(false, status, message, { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) });

/** At some time of the drain: clients that come back all at once would be a storm of their own making. */
function closeLater(socket: WebSocket, count: number): Promise<void> {
  return new Promise(resolve => {
    socket.once('close', () => {
      clearTimeout(cut);
      resolve();
    });
    const at = Math.random() * drainSpreadMs(count);
    setTimeout(() => socket.close(SERVICE_RESTART, 'Service restart'), at);
    const cut = setTimeout(() => socket.terminate(), at + LAST_WORD_MS);
  });
}

const NEXT_END = Buffer.from('}');

function sinkOf(socket: WebSocket, id: string): MessageSink {
  const begin = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  const message = (payload: Buffer): Buffer => Buffer.concat([begin, payload, NEXT_END]);
  const isOpen = (): boolean => socket.readyState === socket.OPEN;
  return {
    send: payload =>
      new Promise(resolve => {
        if (isOpen()) socket.send(message(payload), { binary: false }, () => resolve());
        else resolve();
      }),
    push: payload => {
      if (isOpen()) socket.send(message(payload), { binary: false });
    },
    backlog: () => socket.bufferedAmount,
  };
}

/** Keeps the places of the operations of each socket. */
function operationsOf(admission: Admission) {
  const running = new WeakMap<object, Map<string, Admitted>>();
  return {
    begin: (
      socket: object,
      { socket: { remoteAddress = '' } }: http.IncomingMessage,
      id: string,
    ): GraphQLError[] | undefined => {
      const own = running.get(socket) ?? new Map<string, Admitted>();
      running.set(socket, own);
      const place = admission.subscription(remoteAddress, own.size);
      if (isRefusal(place)) return [refusalError(place)];
      own.set(id, place);
      return undefined;
    },
    end: (socket: object, id: string): void => {
      const own = running.get(socket);
      own?.get(id)?.release();
      own?.delete(id);
    },
    endAll: (socket: object): void => {
      for (const place of running.get(socket)?.values() ?? []) place.release();
      running.delete(socket);
    },
  };
}

export const refusalError = ({ message, retryAfterMs }: Refusal): GraphQLError =>
  codedError('SUBSCRIPTION_LIMIT', message, { retryAfterMs });

/** A browser names the page's origin: only pages of this server may open a socket. Programs name none. */
function isSameSite({ headers }: http.IncomingMessage): boolean {
  if (headers.origin === undefined) return true;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === headers.host;
}
