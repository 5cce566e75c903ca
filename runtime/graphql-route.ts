// Puts an ApolloServer behind a route of a door.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, type BaseContext, HeaderMap } from '@apollo/server';
import { clientDeparture } from './client-departure.ts';
import { mayBeForeign } from './foreign-page.ts';
import { type Exchange, type Route, sendError } from './http-door.ts';
import { BodyTooLarge, readBody } from './request-body.ts';

/** In JSON and in GraphQL strings NUL is always escaped; PostgreSQL has no place for it. */
const NUL = /\\u(0000|\{0+\})/;

const BODY_LIMIT = 4 * 1024 * 1024; // bytes; an import document of 5,000 hosts is about 3 MB

/** What an operation runs with. `gone` aborts when the client leaves before it has its answer. */
export type ContextOf<C extends BaseContext> = (req: IncomingMessage, gone: AbortSignal) => Promise<C>;

/** A shorter way for requests of which @apollo/server has nothing to say that it has not said before. */
export interface Shortcut<C> {
  /** Null for what @apollo/server must see; nothing has been done then. */
  answer(
    request: { readonly body: unknown; readonly accept: string | undefined },
    context: () => Promise<C>,
  ): Promise<{ readonly contentType: string; readonly body: string | Buffer } | null>;
  /** What @apollo/server answered well to whoever accepts this. */
  answered(accept: string | undefined, contentType: string): void;
}

export function graphqlRoute<C extends BaseContext>(
  path: string,
  apollo: ApolloServer<C>,
  context: ContextOf<C>,
  shortcut?: Shortcut<C>,
): Route {
  return { path, handle: exchange => answerGraphql(apollo, context, exchange, shortcut) };
}

export async function answerGraphql<C extends BaseContext>(
  apollo: ApolloServer<C>,
  context: ContextOf<C>,
  { req, res, url }: Exchange,
  shortcut?: Shortcut<C>,
): Promise<void> {
  if (mayBeForeign(req.headers))
    return sendError(
      res,
      403,
      'BAD_USER_INPUT',
      'A page of another site may not ask here; programs send application/json.',
    );
  const body = await parseBody(req).catch(error => error as Error);
  if (body instanceof BodyTooLarge) return sendError(res, 413, 'BAD_USER_INPUT', body.message);
  if (body instanceof Error)
    return sendError(res, 400, 'BAD_USER_INPUT', `The request cannot be read: ${body.message}`);
  const { accept } = req.headers;
  const isPost = req.method === 'POST';
  const inScope = () => context(req, goneSignal(res));
  const short = isPost ? await shortcut?.answer({ body, accept }, inScope) : null;
  if (short) {
    res.setHeader('cache-control', 'no-store');
    res.setHeader('content-type', short.contentType);
    res.end(short.body);
    return;
  }
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: { method: req.method ?? 'GET', headers: headersOf(req), search: url.search, body },
    context: inScope,
  });
  const contentType = response.headers.get('content-type');
  if (isPost && contentType && (response.status ?? 200) === 200) shortcut?.answered(accept, contentType);
  res.statusCode = response.status ?? 200;
  res.setHeader('cache-control', 'no-store');
  for (const [name, value] of response.headers) res.setHeader(name, value);
  if (response.body.kind === 'complete') {
    res.end(response.body.string);
    return;
  }
  for await (const chunk of response.body.asyncIterator) res.write(chunk);
  res.end();
}

function goneSignal(res: ServerResponse): AbortSignal {
  const { signal, leave } = clientDeparture();
  res.once('close', () => {
    if (!res.writableFinished) leave();
  });
  return signal;
}

async function parseBody(req: IncomingMessage): Promise<unknown> {
  if (req.method !== 'POST') return undefined;
  const text = await readBody(req, BODY_LIMIT);
  if (NUL.test(text)) throw new Error('it holds a NUL character, which no text here may.');
  const isJson = req.headers['content-type']?.startsWith('application/json') === true;
  return isJson ? JSON.parse(text) : text;
}

function headersOf(req: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(req.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
}
