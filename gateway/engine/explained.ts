// Takes the time of what one execution asks, when its client wants to know.
import type { RequestScope } from '../routing/subgraph-router.ts';
import type { Asker } from '../routing/transport.ts';

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

/** The same for one who is called back. */
export function timedAsker(
  { now }: { readonly now: () => number },
  explain: NonNullable<RequestScope['explain']>,
  { asked, region, body }: Asked,
  asker: Asker,
): Asker {
  const since = now();
  let isNoted = false; // what cannot be used is taken, and then it fails
  const note = (): void => {
    if (!isNoted) explain.push({ asked, region, requestBytes: Buffer.byteLength(body), ms: now() - since });
    isNoted = true;
  };
  return {
    take: (status, bytes) => {
      note();
      asker.take(status, bytes);
    },
    failed: error => {
      note();
      asker.failed(error);
    },
  };
}
