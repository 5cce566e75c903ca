// /health/live: the process turns. /health/ready: it can serve, with what stands behind it by name.
import { type Route, sendJson } from './http-door.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly [detail: string]: unknown;
}

const PROBE_MS = 1_000; // a dependency that takes longer is as good as gone

/** Whether a dependency answers in time; the reason in words when it does not. */
export async function probe(ask: () => Promise<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>(resolve => {
    timer = setTimeout(() => resolve(`no answer within ${PROBE_MS} ms`), PROBE_MS);
  });
  const answered = ask().then(
    () => 'ok',
    error => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

export function healthRoutes(readiness: () => Promise<Readiness> | Readiness): Route[] {
  return [
    { path: '/health/live', open: true, handle: ({ res }) => sendJson(res, 200, { live: true }) },
    {
      path: '/health/ready',
      open: true,
      handle: async ({ res }) => {
        const state = await readiness();
        sendJson(res, state.ready ? 200 : 503, state);
      },
    },
  ];
}
