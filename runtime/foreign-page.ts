// Tells requests that a page of another site made a browser send: what GraphQL over HTTP allows, a form or an image may not.
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page from elsewhere may be behind the request. A browser asks before it sends another site's JSON or headers of
 * its own (preflight), which no door here allows; of all other requests it tells where they come from. Programs tell nothing.
 */
export function mayBeForeign(headers: IncomingHttpHeaders): boolean {
  if (headers['content-type']?.startsWith('application/json') || headers['apollo-require-preflight']) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const from = headers.origin ?? headers.referer;
  if (from === undefined) return false;
  return !URL.canParse(from) || new URL(from).host !== headers.host;
}
