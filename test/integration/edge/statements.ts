// Counts the labelled statements that a piece of work costs, by the start of their label.
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import pg from 'pg';

type Query = typeof pg.Client.prototype.query;

const asked = new AsyncLocalStorage<boolean>();
subscribe('http.server.request.start', message =>
  asked.enterWith((message as { request: IncomingMessage }).request.method === 'POST'),
);

/** Those that doors in this process run for what is posted to them: not what the parts do for themselves meanwhile. */
export const statementsOfRequests = (work: () => Promise<unknown>): Promise<string[]> =>
  statementsOf(/./, work, () => asked.getStore() === true);

export async function statementsOf(
  labels: RegExp,
  work: () => Promise<unknown>,
  counts: () => boolean = () => true,
): Promise<string[]> {
  const seen: string[] = [];
  const prototype = pg.Client.prototype as { query: Query };
  const original = prototype.query;
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const text = typeof args[0] === 'string' ? args[0] : ((args[0] as { text?: string })?.text ?? '');
    const label = /^\/\* (\S+) \*\//.exec(text)?.[1];
    if (label && labels.test(label) && counts()) seen.push(label);
    return (original as (...all: unknown[]) => unknown).apply(this, args);
  } as Query;
  try {
    await work();
  } finally {
    prototype.query = original;
  }
  return seen.sort();
}
