// One long HTTP answer of JSON lines with a heartbeat: how parts follow each other. The server end writes with
// back-pressure; the client end judges life by lines, never by TCP.
import { once } from 'node:events';
import { Agent, request } from 'undici';
import type { Exchange } from './http-door.ts';

/** A heartbeat goes out this often, in ms. */
export const BEAT_MS = 2_000;
/** Two missed heartbeats and some slack for a busy machine, in ms. */
const SILENCE_MS = 2 * BEAT_MS + 1_500;

export interface LineWriter {
  readonly closed: AbortSignal;
  /** Resolves when the line is out or buffered within bounds; does nothing once the reader is gone. */
  write(line: unknown): Promise<void>;
}

export function openLines({ res, closing }: Pick<Exchange, 'res' | 'closing'>): LineWriter {
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  closing.addEventListener('abort', () => res.end(), { signal: gone.signal });
  res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  res.flushHeaders();
  return {
    closed: gone.signal,
    write: async line => {
      if (gone.signal.aborted || res.writableEnded || res.write(`${JSON.stringify(line)}\n`)) return;
      await once(res, 'drain', { signal: gone.signal }).catch(() => undefined); // the reader left: closed says so
    },
  };
}

/** Why a stream ended, in words for a person on call. */
export class StreamLost extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'StreamLost';
  }
}

export interface LineSource {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

// Its own agent: these requests last for days and must not take a place in a pool of short ones.
const agent = new Agent({
  connect: { timeout: SILENCE_MS },
  headersTimeout: SILENCE_MS,
  bodyTimeout: 0,
  pipelining: 0,
});

/** The lines of a stream as they come. Throws StreamLost when it ends, is refused, or falls silent. */
export async function* readLines<T>({ url, headers, signal }: LineSource): AsyncGenerator<T> {
  const silence = new AbortController();
  let watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
  const either = AbortSignal.any([signal, silence.signal]);
  try {
    const { statusCode, body } = await request(url, { headers, signal: either, dispatcher: agent });
    if (statusCode !== 200) {
      await body.dump();
      throw new StreamLost(`answered with status ${statusCode}`);
    }
    let rest = '';
    const decoder = new TextDecoder(); // undici's setEncoding breaks characters that lie across two chunks
    for await (const chunk of body as AsyncIterable<Buffer>) {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => silence.abort(), SILENCE_MS);
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
    }
    throw new StreamLost('closed the connection');
  } catch (error) {
    if (error instanceof StreamLost) throw error;
    throw new StreamLost(silence.signal.aborted ? 'no heartbeat' : reasonOf(error));
  } finally {
    clearTimeout(watchdog);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'no route to network',
  ENOTFOUND: 'name not found',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'closed the connection',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'broke off its answer',
  HTTPParserError: 'broke off its answer, or sent no HTTP', // has a name and no code
};

/** A network error in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS[code] ?? REASONS[error.name] ?? error.message;
}
