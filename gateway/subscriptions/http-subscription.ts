// A subscription as one long HTTP answer: reads the request, and writes each event in the format that was asked for, as
// fast as the client takes them and no faster.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type DocumentNode, type GraphQLError, getOperationAST, OperationTypeNode, parse, validate } from 'graphql';
import { z } from 'zod';
import { type Exchange, sendError, sendJson } from '../../runtime/http-door.ts';
import { BodyTooLarge, readBody } from '../../runtime/request-body.ts';
import type { ExecutionEngine, SubscriptionEvent } from '../execution/engine.ts';
import type { StreamFormat } from './stream-formats.ts';

const BODY_LIMIT = 1024 * 1024; // bytes
const PING_MS = 12_000; // keeps middle boxes from closing a quiet answer

const Request = z.object({
  query: z.string('must be a GraphQL document'),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

export async function answerSubscription(
  engine: ExecutionEngine,
  exchange: Exchange,
  format: StreamFormat,
): Promise<void> {
  const { req, res } = exchange;
  if (req.method === 'POST' && !req.headers['content-type']?.startsWith('application/json'))
    return sendError(res, 415, 'BAD_USER_INPUT', 'Send the request as application/json.'); // nor can another site's form
  const body = await readRequest(exchange).catch(error => error as Error);
  if (body instanceof BodyTooLarge) return sendError(res, 413, 'BAD_USER_INPUT', body.message);
  const request = Request.safeParse(body);
  if (!request.success) return sendError(res, 400, 'BAD_USER_INPUT', z.prettifyError(request.error));
  const { query, variables, operationName } = request.data;
  const { document, errors } = readSubscription(engine, query, operationName);
  if (!document) return sendJson(res, 400, { errors });
  const lastEventId = req.headers['last-event-id'];
  const events = engine.subscribe({
    document,
    variables: variables ?? {},
    operationName: operationName ?? undefined,
    resumeAfter: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined,
  });
  await send(exchange, events, format);
}

async function readRequest({ req, url }: Exchange): Promise<unknown> {
  if (req.method !== 'POST') {
    const { variables, ...others } = Object.fromEntries(url.searchParams);
    return { ...others, variables: variables === undefined ? undefined : parseJson(variables) };
  }
  return parseJson(await readBody(req, BODY_LIMIT));
}

/** What is no JSON is left for the schema to refuse. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The document, or why it cannot be subscribed to. */
function readSubscription(
  { apiSchema }: ExecutionEngine,
  query: string,
  operationName: string | null | undefined,
): { readonly document?: DocumentNode; readonly errors?: readonly Pick<GraphQLError, 'message'>[] } {
  try {
    const document = parse(query);
    const errors = validate(apiSchema, document);
    if (errors.length > 0) return { errors };
    const operation = getOperationAST(document, operationName);
    if (operation?.operation === OperationTypeNode.SUBSCRIPTION) return { document };
    return {
      errors: [
        { message: 'Only subscriptions are answered as a stream; ask queries and mutations at /graphql without one.' },
      ],
    };
  } catch (error) {
    return { errors: [error as GraphQLError] }; // a document that is no GraphQL
  }
}

async function send(
  { res, closing }: Exchange,
  events: AsyncGenerator<SubscriptionEvent>,
  format: StreamFormat,
): Promise<void> {
  const leave = (): void => void events.return(undefined);
  res.once('close', leave);
  closing.addEventListener('abort', leave, { once: true });
  res.writeHead(200, { 'content-type': format.contentType, 'cache-control': 'no-store' });
  res.flushHeaders();
  const pings = setInterval(() => res.write(format.ping), PING_MS);
  try {
    for await (const event of events) await write(res, format.next(event));
    if (!closing.aborted) await write(res, format.complete); // a client that sees none reconnects
  } finally {
    clearInterval(pings);
    closing.removeEventListener('abort', leave);
    res.end();
  }
}

/** Waits for a reader that is slow: nothing piles up here. */
async function write(res: ServerResponse, text: string): Promise<void> {
  if (res.destroyed || res.write(text)) return;
  await Promise.race([once(res, 'drain'), once(res, 'close')]).catch(() => undefined); // a reader that broke off is gone too
}
