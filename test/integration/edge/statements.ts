// Counts the labelled statements that a piece of work costs, by the start of their label.
import pg from 'pg';

type Query = typeof pg.Client.prototype.query;

export async function statementsOf(labels: RegExp, work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const prototype = pg.Client.prototype as { query: Query };
  const original = prototype.query;
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const text = typeof args[0] === 'string' ? args[0] : ((args[0] as { text?: string })?.text ?? '');
    const label = /^\/\* (\S+) \*\//.exec(text)?.[1];
    if (label && labels.test(label)) seen.push(label);
    return (original as (...all: unknown[]) => unknown).apply(this, args);
  } as Query;
  try {
    await work();
  } finally {
    prototype.query = original;
  }
  return seen.sort();
}
