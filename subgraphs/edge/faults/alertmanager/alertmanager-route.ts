// The door for Prometheus Alertmanager's webhook: `POST /<region>/alertmanager`. Alertmanager sends again after a 5xx and
// gives up after a 4xx, so only what a resend cannot mend is a 4xx.
import type { IncomingMessage } from 'node:http';
import { type Exchange, type Route, sendError, sendJson } from '../../../../runtime/http-door.ts';
import type { Logger } from '../../../../runtime/log.ts';
import { BodyTooLarge, readBody } from '../../../../runtime/request-body.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import type { AlarmService } from '../alarms/alarm-service.ts';
import { takeAlerts } from './alert-intake.ts';
import { readWebhook } from './webhook-payload.ts';

const BODY_LIMIT = 8 * 1024 * 1024; // bytes; 10,000 alerts of the usual 800 bytes

export interface AlertmanagerDeps {
  readonly region: string;
  readonly alarms: Pick<AlarmService, 'settle'>;
  readonly catalogue: Pick<Catalogue, 'find'>;
  readonly log: Logger;
}

export function alertmanagerRoute(deps: AlertmanagerDeps): Route {
  return { path: `/${deps.region}/alertmanager`, handle: exchange => answer(deps, exchange) };
}

async function answer({ region, alarms, catalogue, log }: AlertmanagerDeps, { req, res }: Exchange): Promise<void> {
  if (req.method !== 'POST') {
    res.setHeader('allow', 'POST');
    return sendError(res, 405, 'BAD_USER_INPUT', 'Alertmanager posts here: use POST.');
  }
  // a web page may post plain text anywhere unasked, JSON not
  if (!req.headers['content-type']?.startsWith('application/json'))
    return sendError(res, 415, 'BAD_USER_INPUT', 'Send Content-Type: application/json.');
  const body = await readJson(req).catch(error => error as Error);
  if (body instanceof BodyTooLarge) return sendError(res, 413, 'BAD_USER_INPUT', body.message);
  if (body instanceof Error) return sendError(res, 400, 'BAD_USER_INPUT', `The request is not JSON: ${body.message}`);
  const payload = readWebhook(body);
  if (typeof payload === 'string') {
    log.warn({ reason: payload }, 'alertmanager payload refused');
    return sendError(res, 400, 'BAD_USER_INPUT', payload);
  }
  const { truncatedAlerts, receiver } = payload;
  if (truncatedAlerts > 0) log.warn({ truncatedAlerts, receiver }, 'alertmanager left alerts out: raise max_alerts');
  const counts = await takeAlerts(alarms, catalogue, payload.alerts).catch(error => error as Error);
  if (counts instanceof Error) {
    log.error({ err: counts }, 'alerts not stored');
    res.setHeader('retry-after', '5');
    const message = `Region ${region} could not store the alerts; nothing was changed. Send them again.`;
    return sendError(res, 503, 'REGION_UNREACHABLE', message);
  }
  if (counts.refused.length > 0) log.warn({ refused: counts.refused.slice(0, 5) }, 'alerts refused');
  sendJson(res, 200, { ...counts, truncated: truncatedAlerts });
}

const readJson = async (req: IncomingMessage): Promise<unknown> => JSON.parse(await readBody(req, BODY_LIMIT)) ?? {};
