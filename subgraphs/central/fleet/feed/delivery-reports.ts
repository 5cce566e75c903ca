// The door at which gateways tell what they delivered. A report that comes again is not counted again; one out of turn is
// refused, and its gateway begins a new count: so totals are never too high.
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { type Exchange, type Route, sendError, sendJson } from '../../../../runtime/http-door.ts';
import type { Logger } from '../../../../runtime/log.ts';
import { BodyTooLarge, readBody } from '../../../../runtime/request-body.ts';
import { REGION_ID } from '../../../../schema/identity.ts';
import { repeating } from '../../../runtime/repeating.ts';
import { forgetTellers, saveDeliveries } from './feed-account-store.ts';

const BODY_LIMIT = 1024 * 1024; // bytes; a report of 2,000 regions is about 200 kB
const SWEEP_MS = 3_600_000;
const FORGOTTEN_AFTER_MS = 7 * 24 * 3_600_000; // a gateway that was silent for so long begins a new count

const count = z.int().min(0);
const Report = z.strictObject({
  teller: z.uuid(),
  report: z.int().min(1),
  regions: z
    .array(z.strictObject({ region: z.string().regex(REGION_ID).or(z.literal('')), delivered: count, lagged: count }))
    .max(10_000)
    .refine(regions => new Set(regions.map(r => r.region)).size === regions.length, 'names a region twice'),
});

export function deliveryReports(dataSource: DataSource, now: () => Date): Route {
  return {
    path: '/feed/deliveries',
    handle: async exchange => {
      const report = await readReport(exchange);
      if (!report) return; // refused
      if (await saveDeliveries(dataSource, report, now().toISOString()))
        return sendJson(exchange.res, 200, { report: report.report });
      sendError(exchange.res, 409, 'BAD_USER_INPUT', `Report ${report.report} is not the next one: begin a new count.`);
    },
  };
}

async function readReport({ req, res }: Exchange): Promise<z.output<typeof Report> | null> {
  if (req.method !== 'POST') {
    sendError(res, 405, 'BAD_USER_INPUT', 'Send a report by POST.');
    return null;
  }
  const body = await readBody(req, BODY_LIMIT)
    .then(text => JSON.parse(text) as unknown)
    .catch(error => error as Error);
  const parsed = Report.safeParse(body);
  if (parsed.success) return parsed.data;
  const status = body instanceof BodyTooLarge ? 413 : 400;
  sendError(res, status, 'BAD_USER_INPUT', body instanceof Error ? body.message : z.prettifyError(parsed.error));
  return null;
}

/** Answers how to stop. */
export function sweepTellers(dataSource: DataSource, log: Logger, now: () => Date): () => Promise<void> {
  const sweeping = repeating({
    everyMs: SWEEP_MS,
    log,
    failed: 'gateways that went are not forgotten; tried again later',
    work: () => forgetTellers(dataSource, new Date(now().getTime() - FORGOTTEN_AFTER_MS).toISOString()),
  });
  return () => sweeping.stop();
}
