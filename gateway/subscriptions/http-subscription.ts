// A subscription as one long HTTP answer: reads the request, and has each event written in the format that
// was asked for.
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { z } from 'zod';
import { type Admission, isRefusal, type Refusal } from '../../runtime/admission.ts';
import { drainSpreadMs } from '../../runtime/drain.ts';
import { refusalError } from '../../runtime/graphql-ws.ts';
import { type Exchange, sendError, sendJson } from '../../runtime/http-door.ts';
import { BodyTooLarge, readBody } from '../../runtime/request-body.ts';
import type { ExecutionEngine, SubscriptionRequest } from '../execution/engine.ts';
import type { Deliveries, Delivery, Sink } from './deliveries.ts';
import type { StreamFormat } from './stream-formats.ts';

const BODY_LIMIT = 1024 * 1024; // bytes
const PING_MS = 12_000; // keeps middle boxes from closing a quiet answer

const Request = z.object({
  query: z.string('must be a GraphQL document'),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

export interface HttpSubscriptionDeps {
  /** Asked for each request: its schema may change. */
  readonly engine: Pick<ExecutionEngine, 'apiSchema'>;
  readonly deliveries: Deliveries;
  readonly admission: Admission;
}

export interface HttpSubscriptions {
  answer(exchange: Exchange, format: StreamFormat): Promise<void>;
}

export function httpSubscriptions({ engine, deliveries, admission }: HttpSubscriptionDeps): HttpSubscriptions {
  const open = new Set<Exchange>();
  return {
    answer: async (exchange, format) => {
      const { req, res } = exchange;
      const request = await requestOf(engine.apiSchema, exchange);
      if (!request) return; // refused
      const place = admission.subscription(req.socket.remoteAddress ?? '');
      if (isRefusal(place)) return sendRefusal(res, place);
      open.add(exchange);
      try {
        await send(
          exchange,
          format,
          sink => deliveries.begin(request, sink),
          () => open.size,
        );
      } finally {
        open.delete(exchange);
        place.release();
      }
    },
  };
}

/** Null when it was refused, with an answer that says why. */
async function requestOf(apiSchema: GraphQLSchema, exchange: Exchange): Promise<SubscriptionRequest | null> {
  const { req, res } = exchange;
  const refuse = (status: number, message: string): null => {
    sendError(res, status, 'BAD_USER_INPUT', message);
    return null;
  };
  if (req.method === 'POST' && !req.headers['content-type']?.startsWith('application/json'))
    return refuse(415, 'Send the request as application/json.'); // nor can another site's form
  const body = await readRequest(exchange).catch(error => error as Error);
  if (body instanceof BodyTooLarge) return refuse(413, body.message);
  const parsed = Request.safeParse(body);
  if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
  const { query, variables, operationName } = parsed.data;
  const { document, errors } = readSubscription(apiSchema, query, operationName);
  if (!document) {
    sendJson(res, 400, { errors });
    return null;
  }
  const lastEventId = req.headers['last-event-id'];
  return {
    document,
    variables: variables ?? {},
    operationName: operationName ?? undefined,
    resumeAfter: typeof lastEventId === 'string' && lastEventId !== '' ? lastEventId : undefined,
  };
}

function sendRefusal(res: ServerResponse, refusal: Refusal): void {
  res.setHeader('retry-after', String(Math.ceil(refusal.retryAfterMs / 1_000)));
  sendJson(res, refusal.status, { errors: [refusalError(refusal)] });
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
  apiSchema: GraphQLSchema,
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
  format: StreamFormat,
  begin: (sink: Sink) => Delivery,
  answersOpen: () => number,
): Promise<void> {
  res.setHeader('content-type', format.contentType);
  res.setHeader('cache-control', 'no-store');
  const { done, leave } = begin(sinkOver(res, format));
  let leaving: NodeJS.Timeout | undefined;
  const leaveLater = (): void => {
    leaving = setTimeout(leave, Math.random() * drainSpreadMs(answersOpen()));
  };
  res.once('close', leave);
  closing.addEventListener('abort', leaveLater, { once: true });
  if (closing.aborted) leave();
  const pings = setInterval(() => res.write(format.ping), PING_MS);
  try {
    await Promise.race([done, setImmediate()]); // what cannot be run at all fails here, while there is still a status to say so
    res.flushHeaders();
    await done;
    if (!closing.aborted) res.write(format.complete); // a client that sees none reconnects
  } catch (error) {
    if (res.headersSent || !(error instanceof GraphQLError)) throw error;
    sendJson(res, 400, { errors: [error] });
  } finally {
    clearTimeout(leaving);
    clearInterval(pings);
    closing.removeEventListener('abort', leaveLater);
    res.end();
  }
}

const sinkOver = (res: ServerResponse, { next }: StreamFormat): Sink => ({
  send: event =>
    new Promise(resolve => {
      if (res.destroyed || res.writableEnded) resolve();
      else res.write(event.bytes(next), () => resolve());
    }),
  push: event => {
    if (!res.destroyed && !res.writableEnded) res.write(event.bytes(next));
  },
  backlog: () => res.writableLength,
});
