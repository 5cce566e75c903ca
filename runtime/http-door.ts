// An HTTP server with a few routes: binds, asks for the token, answers 404 and 500 plainly, drains on close.
import { timingSafeEqual } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './log.ts';

export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  /** Aborted when the door closes: long answers end then. */
  readonly closing: AbortSignal;
}

export interface Route {
  /** Exact path. */
  readonly path: string;
  /** Answered without the token: health and static pages. */
  readonly open?: boolean | ((exchange: Exchange) => boolean);
  handle(exchange: Exchange): Promise<void> | void;
}

export interface Door {
  readonly origin: string;
  readonly server: http.Server;
  close(): Promise<void>;
}

export interface DoorDeps {
  readonly host: string;
  readonly port: number;
  readonly token?: string | undefined;
  readonly routes: readonly Route[];
  readonly log: Logger;
}

const DRAIN_MS = 5_000; // requests under way may take this long; then their connections are cut

export async function openDoor(deps: DoorDeps): Promise<Door> {
  const routes = new Map(deps.routes.map(route => [route.path, route]));
  const closing = new AbortController();
  setMaxListeners(0, closing.signal); // every long answer listens
  const server = http.createServer((req, res) => {
    // a client would keep its connection, and the closing door would wait for it
    res.once('close', () => closing.signal.aborted && req.socket.end());
    void answer(deps, routes, closing.signal, req, res);
  });
  server.keepAliveTimeout = 65_000; // longer than the idle time of every client of ours: the client closes first
  await listen(server, deps);
  const { port } = server.address() as AddressInfo;
  const host = deps.host.includes(':') ? `[${deps.host}]` : deps.host;
  return { origin: `http://${host}:${port}`, server, close: () => drain(server, closing) };
}

/** Compares in constant time, so that a guess learns nothing from the time it takes. */
export function isAuthorized(token: string | undefined, header: string | undefined): boolean {
  if (token === undefined) return true;
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

export function sendJson(res: ServerResponse, status: number, body: unknown): void {
  sendText(res, JSON.stringify(body), status);
}

/** JSON that is text already. */
export function sendText(res: ServerResponse, json: string, status = 200): void {
  const length = Buffer.byteLength(json); // told, it spares both sides the chunks
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': length });
  res.end(json);
}

/** Errors outside GraphQL execution have the same shape as those within. */
export function sendError(res: ServerResponse, status: number, code: string, message: string): void {
  sendJson(res, status, { errors: [{ message, extensions: { code } }] });
}

async function answer(
  deps: DoorDeps,
  routes: ReadonlyMap<string, Route>,
  closing: AbortSignal,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(`http://door${req.url ?? '/'}`);
    const route = routes.get(url.pathname);
    if (!route) return sendError(res, 404, 'NOT_FOUND', `Nothing answers at ${url.pathname}.`);
    const exchange = { req, res, url, closing };
    const isOpen = typeof route.open === 'function' ? route.open(exchange) : route.open === true;
    if (!isOpen && !isAuthorized(deps.token, req.headers.authorization))
      return sendError(res, 401, 'UNAUTHENTICATED', 'Send the token as `Authorization: Bearer <token>`.');
    await route.handle(exchange);
  } catch (error) {
    deps.log.error({ err: error, path: req.url }, 'request failed');
    if (res.headersSent) res.destroy();
    else sendError(res, 500, 'INTERNAL_SERVER_ERROR', 'Internal error; the log has the details.');
  }
}

function listen(server: http.Server, { host, port }: DoorDeps): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on ${host} is taken by another program: stop it or choose another port.`)
          : error,
      ),
    );
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function drain(server: http.Server, closing: AbortController): Promise<void> {
  closing.abort();
  return new Promise(resolve => {
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
