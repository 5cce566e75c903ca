// Reads and changes resources of one Redfish service: logged in, repeated where that is safe, links instead of known paths.
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { BmcError, shown } from '../bmc-error.ts';
import { ServiceRoot } from './redfish-resources.ts';
import { type Credentials, type OpenSession, pathOf, reasonOf, redfishSession } from './redfish-session.ts';
import type { RedfishReply, RedfishRequest, RedfishTransport } from './redfish-transport.ts';
import { PASSING_STATUS, retryAfterMs } from './request-retry.ts';

export interface Resource<T> {
  readonly path: string;
  readonly etag: string | null;
  readonly value: T;
}

export interface RedfishClient {
  /** The root, read once. */
  root(signal: AbortSignal): Promise<z.output<typeof ServiceRoot>>;
  get<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<Resource<T>>;
  /** Null when there is no such resource. */
  find<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<Resource<T> | null>;
  /** Answers where the new resource lies, when the service says so. */
  post(path: string, body: object, signal: AbortSignal): Promise<string | null>;
  /** Changes what was read, unless somebody else changed it meanwhile: then it is read and changed anew. */
  patch(path: string, body: object, signal: AbortSignal): Promise<void>;
  /** Gone is gone, whoever did it. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ClientDeps {
  readonly transport: RedfishTransport;
  readonly credentials: Credentials;
  /** Of the service root, `/redfish/v1/` behind whatever comes before it. */
  readonly rootPath: string;
  readonly session: { readonly before: OpenSession | null; remember(session: OpenSession | null): Promise<void> };
  /** How long to wait after the n-th try of a request, where the service says nothing. */
  pauseMs(attempt: number): number;
}

const TRIES = 4;

export function redfishClient({ transport, credentials, rootPath, session: kept, pauseMs }: ClientDeps): RedfishClient {
  let root: Promise<z.output<typeof ServiceRoot>> | null = null;
  const readRoot = (signal: AbortSignal): Promise<z.output<typeof ServiceRoot>> => {
    root ??= repeated({ method: 'GET', path: rootPath }, signal, request => transport.send(request, signal))
      .then(reply => {
        if (reply.status >= 300) throw refusal(reply, rootPath, []);
        return read(reply, rootPath, ServiceRoot);
      })
      .catch(error => {
        root = null;
        throw error;
      });
    return root;
  };
  const session = redfishSession({
    transport,
    credentials,
    sessions: async signal => (await readRoot(signal)).Links?.Sessions ?? null,
    ...kept,
  });

  /** A 401 says that nothing was done: asking again with a new session is safe for everything. */
  const authorized = async (request: RedfishRequest, signal: AbortSignal): Promise<RedfishReply> => {
    for (let isAgain = false; ; isAgain = true) {
      const headers = await session.headers(signal);
      const reply = await transport.send({ ...request, headers: { ...request.headers, ...headers } }, signal);
      if (reply.status !== 401) return reply;
      session.refused(headers);
      if (isAgain || 'authorization' in headers)
        throw new BmcError('UNAUTHORIZED', `The BMC does not take user ${credentials.username} for ${request.path}.`);
    }
  };

  const repeated = async (
    request: RedfishRequest,
    signal: AbortSignal,
    once: (request: RedfishRequest) => Promise<RedfishReply>,
  ): Promise<RedfishReply> => {
    for (let attempt = 1; ; attempt++) {
      const reply = await once(request).catch((error: unknown) => error as Error);
      const after = retryAfterMs(request, reply, pauseMs(attempt));
      if (attempt < TRIES && after !== null && !signal.aborted) {
        await pause(after, undefined, { signal }).catch(() => undefined);
        continue;
      }
      if (reply instanceof Error) throw reply;
      return reply;
    }
  };
  const ask = (request: RedfishRequest, signal: AbortSignal): Promise<RedfishReply> =>
    repeated(request, signal, one => authorized(one, signal));
  const checked = async (request: RedfishRequest, signal: AbortSignal): Promise<RedfishReply> => {
    const reply = await ask(request, signal);
    if (reply.status >= 300) throw refusal(reply, request.path, session.secrets());
    return reply;
  };
  const find = async <T>(path: string, shape: z.ZodType<T>, signal: AbortSignal): Promise<Resource<T> | null> => {
    const reply = await ask({ method: 'GET', path }, signal);
    if (reply.status === 404 || reply.status === 410) return null;
    if (reply.status >= 300) throw refusal(reply, path, session.secrets());
    return { path, etag: etagOf(reply), value: read(reply, path, shape) };
  };

  return {
    root: readRoot,
    find,
    get: async (path, shape, signal) => {
      const found = await find(path, shape, signal);
      if (!found) throw new BmcError('UNSUPPORTED', `The BMC names ${path} and does not have it.`);
      return found;
    },
    post: async (path, body, signal) => {
      const reply = await checked({ method: 'POST', path, body }, signal);
      const location = reply.headers['location'];
      return location === undefined ? null : pathOf(location);
    },
    patch: async (path, body, signal) => {
      let reply: RedfishReply | undefined;
      // As it was read; read anew; and as some services want it although they say otherwise: without W/
      for (const form of [asIs, asIs, strong]) {
        const etag = etagOf(await checked({ method: 'GET', path }, signal));
        const headers = etag === null ? {} : { 'if-match': form(etag) };
        reply = await ask({ method: 'PATCH', path, body, headers }, signal);
        if (reply.status !== 412) break;
      }
      if (reply!.status >= 300) throw refusal(reply!, path, session.secrets());
    },
    remove: async (path, signal) => {
      const reply = await ask({ method: 'DELETE', path }, signal);
      if (reply.status >= 300 && reply.status !== 404) throw refusal(reply, path, session.secrets());
    },
    close: async () => {
      await session.close();
      await transport.close();
    },
  };
}

const asIs = (etag: string): string => etag;
const strong = (etag: string): string => etag.replace(/^W\//, '');

const etagOf = ({ headers, body }: RedfishReply): string | null =>
  headers['etag'] ?? (body as { '@odata.etag'?: string } | undefined)?.['@odata.etag'] ?? null;

function read<T>({ body }: RedfishReply, path: string, shape: z.ZodType<T>): T {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BmcError('GARBLED', `The BMC's ${path} has an unknown shape: ${issue?.path.join('.')} ${issue?.message}.`);
}

function refusal(reply: RedfishReply, path: string, secrets: readonly (string | null)[]): BmcError {
  const words = shown(reasonOf(reply), secrets);
  const said = words === '' ? '' : ` ${words}`;
  if (PASSING_STATUS.has(reply.status))
    return new BmcError('BUSY', `The BMC is busy (HTTP ${reply.status} for ${path}).${said}`);
  if (reply.status === 404 || reply.status === 405 || reply.status === 501)
    return new BmcError('UNSUPPORTED', `The BMC cannot do ${path} (HTTP ${reply.status}).${said}`);
  return new BmcError('REFUSED', `The BMC refused ${path} (HTTP ${reply.status}).${said}`);
}
