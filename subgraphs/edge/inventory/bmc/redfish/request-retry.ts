// Whether and when a request to a Redfish service is sent again. Pure.
import { BmcError } from '../bmc-error.ts';
import type { RedfishReply, RedfishRequest } from './redfish-transport.ts';

const LONGEST_PAUSE_MS = 10_000; // also where Retry-After says more: the audit comes again anyway

export const PASSING_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** The service did not begin with it. */
const NOT_DONE: ReadonlySet<number> = new Set([429, 503]);

/**
 * How long to wait before the request is sent again; null when it must not be. `pauseMs` is the wait where the service says
 * none. An order is sent again only where it certainly was not carried out: a POST whose line broke may have been.
 */
export function retryAfterMs(
  { method }: Pick<RedfishRequest, 'method'>,
  reply: Pick<RedfishReply, 'status' | 'headers'> | Error,
  pauseMs: number,
  now = Date.now(),
): number | null {
  if (reply instanceof Error) {
    if (!(reply instanceof BmcError)) return null;
    const isSafe = method !== 'POST' && (reply.code === 'UNREACHABLE' || reply.code === 'GARBLED');
    return isSafe ? pauseMs : null;
  }
  if (!(method === 'POST' ? NOT_DONE : PASSING_STATUS).has(reply.status)) return null;
  return Math.min(LONGEST_PAUSE_MS, Math.max(pauseMs, saidMs(reply.headers['retry-after'], now)));
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function saidMs(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const seconds = Number(retryAfter);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
