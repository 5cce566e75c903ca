// Has BMCs post their events to the region, and takes them in at the region's door: `POST /<region>/redfish-events`. An event
// is a hint to look and nothing else: what it says is not trusted, only that its sender has the key that its BMC was given.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Exchange, type Route, sendError } from '../../../../runtime/http-door.ts';
import { BodyTooLarge, readBody } from '../../../../runtime/request-body.ts';
import type { Sql } from '../../../runtime/sql.ts';
import type { BmcStatusRow, Subscription } from './bmc-status.ts';
import { findStatus, saveStatus } from './bmc-store.ts';
import type { BoardController } from './board-controller.ts';

const BODY_LIMIT = 256 * 1024; // bytes; some send 50 events at once
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Subscribes where it is not, or not to this target; each subscription has a key of its own. */
export async function ensureSubscribed(
  sql: Sql,
  controller: BoardController,
  status: BmcStatusRow,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const before = status.subscription;
  if (before?.target === target && (await controller.isSubscribed(before.path, signal))) return;
  const key = randomBytes(32).toString('base64url');
  const url = `${target}?bmc=${status.hostId}&key=${key}`;
  const keyHash = hashOf(key);
  const path = await controller.subscribe({ url, before: before?.path ?? null }, signal);
  const subscription: Subscription | null = path === null ? null : { path, target, keyHash };
  await saveStatus(sql, status, { subscription });
}

export interface EventsRouteDeps {
  readonly region: string;
  readonly sql: Sql;
  /** The host's BMC says that something happened. */
  onEvent(hostId: string): void;
}

export function bmcEventsRoute({ region, sql, onEvent }: EventsRouteDeps): Route {
  const handle = async ({ req, res, url }: Exchange): Promise<void> => {
    if (req.method !== 'POST') {
      res.setHeader('allow', 'POST');
      return sendError(res, 405, 'BAD_USER_INPUT', 'Redfish services post their events here: use POST.');
    }
    const hostId = url.searchParams.get('bmc') ?? '';
    // the key in the URL must not reach the door's log, which tells the path of what failed
    const isKnown = await isKeyOf(sql, hostId, url.searchParams.get('key') ?? '').catch(() => null);
    if (isKnown === null) return sendError(res, 503, 'REGION_UNREACHABLE', 'Send the event again later.');
    if (!isKnown) return sendError(res, 403, 'UNAUTHENTICATED', 'No BMC of this region was given this key.');
    const body = await readBody(req, BODY_LIMIT).catch(error => error as Error);
    if (body instanceof BodyTooLarge) return sendError(res, 413, 'BAD_USER_INPUT', body.message);
    onEvent(hostId); // also when the body ended early: that something happened is all that counts
    res.writeHead(204).end();
  };
  return { path: `/${region}/redfish-events`, open: true, handle };
}

async function isKeyOf(sql: Sql, hostId: string, key: string): Promise<boolean> {
  const [status] = UUID.test(hostId) ? await findStatus(sql, [hostId]) : [];
  const wanted = Buffer.from(status?.subscription?.keyHash ?? hashOf(randomBytes(32).toString('hex')));
  return timingSafeEqual(wanted, Buffer.from(hashOf(key))) && status?.subscription != null;
}
