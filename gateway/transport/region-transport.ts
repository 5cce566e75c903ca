// Carries one GraphQL request to one subgraph and its answer back: over undici, with a deadline, a bound on the answer,
// and every way to fail named.
import { Agent, request } from 'undici';
import { reasonOf } from '../../runtime/line-stream.ts';
import {
  type Send,
  type SubgraphAnswer,
  type SubgraphError,
  type Transport,
  TransportFailure,
} from '../routing/transport.ts';

export interface TransportDeps {
  readonly headers: Readonly<Record<string, string>>;
  /** Connections to one origin at once. */
  readonly connections: number;
}

const ANSWER_LIMIT = 64 * 1024 * 1024; // bytes; 500 hosts with all their hardware are about 3 MB
const IDLE_MS = 30_000; // below the doors' keep-alive: we close first

export function openTransport({ headers, connections }: TransportDeps): Transport {
  const agent = new Agent({ connections, keepAliveTimeout: IDLE_MS, keepAliveMaxTimeout: IDLE_MS });
  const allHeaders = { 'content-type': 'application/json', accept: 'application/json', ...headers };
  return {
    send: async ({ url, body, deadlineMs, signal, maxBytes = ANSWER_LIMIT }: Send) => {
      const deadline = AbortSignal.timeout(deadlineMs);
      try {
        const answer = await request(url, {
          method: 'POST',
          headers: allHeaders,
          body,
          signal: signal ? AbortSignal.any([deadline, signal]) : deadline,
          dispatcher: agent,
        });
        return parse(answer.statusCode, await readText(answer.body, maxBytes));
      } catch (error) {
        if (error instanceof TransportFailure) throw error;
        signal?.throwIfAborted();
        if (deadline.aborted) throw new TransportFailure('timeout', `no answer within ${deadlineMs} ms`);
        throw new TransportFailure('unreachable', reasonOf(error));
      }
    },
    close: () => agent.destroy(),
  };
}

async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new TransportFailure('unusable', `answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Takes any answer that has the shape of GraphQL, whatever its status: a 400 carries its errors in the body. */
function parse(status: number, text: string): SubgraphAnswer {
  if (status === 401) throw new TransportFailure('unusable', 'refused the token of this gateway');
  try {
    const value: unknown = JSON.parse(text);
    if (isAnswer(value)) return value;
  } catch {
    // told below: what is no JSON is no answer
  }
  throw new TransportFailure('unusable', `answered with status ${status} and no GraphQL`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isAnswer = (value: unknown): value is SubgraphAnswer =>
  isObject(value) &&
  (value['data'] === undefined || value['data'] === null || isObject(value['data'])) &&
  (value['errors'] === undefined || (Array.isArray(value['errors']) && value['errors'].every(isError))) &&
  ('data' in value || 'errors' in value);

const isError = (value: unknown): value is SubgraphError =>
  isObject(value) &&
  typeof value['message'] === 'string' &&
  (value['path'] === undefined || Array.isArray(value['path'])) &&
  (value['extensions'] === undefined || isObject(value['extensions']));
