// Speaks GraphQL to the door of one region: one call, one deadline, one answer or one DoorError. Never retries.
import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Operation } from './operations.ts';

/**
 * UNREACHABLE: no connection. SILENT: no answer in time. REFUSED: an answer that says no. INVALID: an answer that says no
 * to this input, now and later. NOT_UNDERSTOOD: what was asked is no operation of the door's schema. GARBLED: no GraphQL
 * answer.
 */
export type DoorErrorCode = 'UNREACHABLE' | 'SILENT' | 'REFUSED' | 'INVALID' | 'NOT_UNDERSTOOD' | 'GARBLED';

export class DoorError extends Error {
  readonly code: DoorErrorCode;
  constructor(code: DoorErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'DoorError';
    this.code = code;
  }
}

export interface Door {
  /** `deadlineMs`: for an answer that is worth nothing later; the door's own when left out. */
  send<Answer>(operation: Operation<Answer>, input: object, signal: AbortSignal, deadlineMs?: number): Promise<Answer>;
}

export interface DoorDeps {
  readonly region: string;
  /** `http://host:port/<region>` */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Connections; owned by the caller, so that closing an agent closes them. */
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly deadlineMs: number;
}

export function createDoor(deps: DoorDeps): Door {
  return {
    async send(operation, input, signal, deadlineMs = deps.deadlineMs) {
      const reply = await post({ ...deps, deadlineMs }, operation, input, signal);
      return readAnswer(whereOf(deps.region, operation), operation, reply);
    },
  };
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function post(deps: DoorDeps, operation: Operation<unknown>, input: object, signal: AbortSignal): Promise<Reply> {
  const { region, url, headers, dispatcher, clock, deadlineMs } = deps;
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  let late = false;
  const cancel = clock.after(deadlineMs, () => {
    late = true;
    stop.abort();
  });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const answer = await request(`${url.replace(/\/$/, '')}/${operation.service}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query: operation.query, variables: { input } }),
      dispatcher,
      signal: stop.signal,
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch (error) {
    const where = whereOf(region, operation);
    if (late) throw new DoorError('SILENT', `${where} did not answer within ${deadlineMs} ms`, error);
    throw new DoorError('UNREACHABLE', `${where} cannot be reached at ${url}: ${reasonOf(error)}`, error);
  } finally {
    cancel();
    // AbortSignal.any would do this in one word, but Node 20 keeps its entries alive as long as the outer signal.
    signal.removeEventListener('abort', onAbort);
  }
}

const Envelope = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional().catch(undefined) }))
    .optional(),
});

const MEANING: Readonly<Record<string, DoorErrorCode>> = {
  BAD_USER_INPUT: 'INVALID',
  GRAPHQL_VALIDATION_FAILED: 'NOT_UNDERSTOOD',
};

function readAnswer<Answer>(where: string, operation: Operation<Answer>, { status, text }: Reply): Answer {
  const envelope = Envelope.safeParse(parseJson(text));
  if (!envelope.success)
    throw new DoorError('GARBLED', `${where} gave no GraphQL answer: HTTP ${status} ${text.slice(0, 200)}`);
  const refusals = envelope.data.errors ?? [];
  if (refusals.length > 0) {
    const [code = 'REFUSED', ...others] = new Set(refusals.map(error => MEANING[error.extensions?.code ?? '']));
    const words = refusals.slice(0, 3).map(error => error.message);
    throw new DoorError(others.length === 0 ? code : 'REFUSED', `${where} refused: ${words.join('; ')}`);
  }
  const answer = operation.answer.safeParse(envelope.data.data?.[operation.name]);
  if (!answer.success) throw new DoorError('GARBLED', `${where} answered in an unknown shape: ${text.slice(0, 200)}`);
  return answer.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is no GraphQL answer: the caller says so
  }
}

const whereOf = (region: string, { service, name }: Operation<unknown>): string =>
  `Region ${region} (${service}, ${name})`;

const reasonOf = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error); // connection refused on two addresses has a code only
};
