// /health/live: the process turns. /health/ready: it can serve, with what stands behind it by name.
import { type Route, sendJson } from './http-door.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly [detail: string]: unknown;
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
