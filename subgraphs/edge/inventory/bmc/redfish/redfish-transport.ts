// One request to a Redfish service and its answer, over connections that are few, with a deadline and a bound on size.
// Never retries and never follows a redirect: that would carry the token elsewhere.
import type { Readable } from 'node:stream';
import { Pool } from 'undici';
import { BmcError, type BmcErrorCode, shown } from '../bmc-error.ts';
import { type CertificateTrust, connectorFor } from './certificate-trust.ts';

const CONNECTIONS = 2; // BMCs are small computers: more at once makes them slow or crash
const LARGEST_ANSWER = 4 * 1024 * 1024; // bytes; a log of 1,000 entries with all that vendors add is about 2 MB

export interface RedfishReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed; undefined when there was no body. */
  readonly body: unknown;
}

export interface RedfishRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute, as a link of the service says it. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RedfishTransport {
  send(request: RedfishRequest, signal: AbortSignal): Promise<RedfishReply>;
  close(): Promise<void>;
}

export interface TransportDeps {
  /** `https://10.0.0.7` */
  readonly origin: string;
  readonly trust: CertificateTrust;
  readonly deadlineMs: number;
}

export function redfishTransport({ origin, trust, deadlineMs }: TransportDeps): RedfishTransport {
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    pipelining: 1,
    connect: connectorFor(trust, deadlineMs),
    headersTimeout: 0, // the deadline is ours
    bodyTimeout: 0,
  });
  return {
    send: (request, signal) => sendWithin(pool, origin, deadlineMs, request, signal),
    close: () => pool.destroy(),
  };
}

async function sendWithin(
  pool: Pool,
  origin: string,
  deadlineMs: number,
  { method, path, headers = {}, body }: RedfishRequest,
  signal: AbortSignal,
): Promise<RedfishReply> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop.abort();
  }, deadlineMs);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await pool.request({
      method,
      path,
      headers: {
        accept: 'application/json',
        'odata-version': '4.0',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: stop.signal,
    });
    const text = await readBounded(answer.body, `${method} ${path}`);
    return { status: answer.statusCode, headers: flat(answer.headers), body: parsed(text, answer.statusCode, path) };
  } catch (error) {
    if (error instanceof BmcError) throw error;
    if (isLate) throw new BmcError('SILENT', `The BMC did not answer ${method} ${path} within ${deadlineMs} ms.`);
    throw asBmcError(error, origin);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort); // AbortSignal.any would leak on Node 20
  }
}

async function readBounded(body: Readable, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) {
      body.destroy();
      throw new BmcError('GARBLED', `The BMC's answer to ${what} is larger than ${LARGEST_ANSWER} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string, status: number, path: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    if (status >= 400) return undefined; // the status says enough: some answer errors in HTML
    throw new BmcError('GARBLED', `The BMC answered ${path} with what is no JSON.`);
  }
}

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value[0]! : value]],
    ),
  );

/** Of OpenSSL and Node, for certificates; everything else is the network. */
const OF_CERTIFICATES = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|SSL|TLS/;
const BROKEN_OFF = /^(UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_|ECONNRESET|EPIPE)/;

function asBmcError(error: unknown, origin: string): BmcError {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const words = shown(message || code || String(error), []);
  const kind: BmcErrorCode = OF_CERTIFICATES.test(code) ? 'UNTRUSTED' : 'UNREACHABLE';
  if (kind === 'UNTRUSTED')
    return new BmcError(
      kind,
      `The certificate of the BMC at ${origin} is not trusted (${words}): add its authority with inventory.bmc.tls.caFile or its fingerprint with inventory.bmc.tls.fingerprints.`,
    );
  if (BROKEN_OFF.test(code)) return new BmcError('UNREACHABLE', `The BMC at ${origin} broke off: ${words}`);
  return new BmcError(kind, `The BMC at ${origin} cannot be reached: ${words}`);
}
