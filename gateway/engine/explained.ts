// Takes the time of what one execution asks, when its client wants to know.
import type { RequestScope } from '../routing/subgraph-router.ts';

export interface Asked {
  readonly asked: string;
  readonly region: string | null;
  readonly body: string;
}

export function timed<T>(
  { now }: { readonly now: () => number },
  { explain }: RequestScope,
  what: Asked,
  work: () => Promise<T>,
): Promise<T> {
  return explain ? noted(explain, now, what, work) : work();
}

async function noted<T>(
  explain: NonNullable<RequestScope['explain']>,
  now: () => number,
  { asked, region, body }: Asked,
  work: () => Promise<T>,
): Promise<T> {
  const since = now();
  try {
    return await work();
  } finally {
    explain.push({ asked, region, requestBytes: Buffer.byteLength(body), ms: now() - since });
  }
}
