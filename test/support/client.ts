// A GraphQL client for tests: HTTP requests, and subscriptions whose events are waited for.
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { eventually } from './wait.ts';

export interface AnswerError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Record<string, unknown> & { readonly code: string };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  readonly data: any;
  readonly errors?: readonly AnswerError[];
}

export async function ask(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

export interface Subscription<T> {
  readonly events: readonly T[];
  /** The first event that passes, among those that came and those to come. */
  next(what: string, passes: (event: T) => boolean): Promise<T>;
  close(): Promise<void>;
}

/** Collects `data` of each event; an error ends the collecting and fails every wait. */
export function subscribe<T>(url: string, query: string, variables: Record<string, unknown> = {}): Subscription<T> {
  const client = createClient({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 });
  const events: T[] = [];
  let failure: unknown;
  const collecting = (async () => {
    for await (const result of client.iterate<T>({ query, variables })) {
      if (result.data) events.push(result.data);
      else failure = result.errors;
    }
  })().catch(error => {
    failure = error;
  });
  return {
    events,
    next: (what, passes) =>
      eventually(what, () => {
        const found = events.find(passes);
        if (!found && failure) throw new Error(`the subscription failed: ${JSON.stringify(failure)}`);
        return found;
      }),
    close: async () => {
      await client.dispose();
      await collecting;
    },
  };
}
