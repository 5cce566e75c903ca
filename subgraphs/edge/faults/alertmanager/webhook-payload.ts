// What Alertmanager's webhook sends, version "4": read once at the door. Knows nothing of alarms.
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
import { z } from 'zod';

export const WEBHOOK_VERSION = '4';

const MAX_ALERTS = 10_000; // one transaction takes them all

const texts = z.record(z.string(), z.string());

const Alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: texts,
  annotations: texts.default({}),
  startsAt: z.iso.datetime({ offset: true, error: 'must be an instant, RFC 3339' }),
  /** Year 1 while it fires. */
  endsAt: z.iso.datetime({ offset: true, error: 'must be an instant, RFC 3339' }).optional(),
  generatorURL: z.string().optional(),
  /** Alertmanager's hash of the labels. */
  fingerprint: z.string().min(1, 'must not be empty').max(100),
});

const Payload = z.object({
  version: z.literal(WEBHOOK_VERSION),
  receiver: z.string().optional(),
  status: z.enum(['firing', 'resolved']),
  groupKey: z.string().optional(),
  groupLabels: texts.optional(),
  commonLabels: texts.optional(),
  commonAnnotations: texts.optional(),
  externalURL: z.string().optional(),
  /** Alerts of the group that `max_alerts` kept out of this payload. */
  truncatedAlerts: z.int().min(0).default(0),
  alerts: z.array(Alert).max(MAX_ALERTS, `must hold at most ${MAX_ALERTS} alerts: set max_alerts`),
});

export type Alert = z.output<typeof Alert>;
export type WebhookPayload = z.output<typeof Payload>;

/** The payload, or in words what is wrong with it, field by field. */
export function readWebhook(body: unknown): WebhookPayload | string {
  const version = z.object({ version: z.unknown() }).safeParse(body).data?.version;
  if (version !== undefined && version !== WEBHOOK_VERSION)
    return `version: this door reads version "${WEBHOOK_VERSION}" of Alertmanager's webhook; the payload is version ${JSON.stringify(version)}.`;
  const parsed = Payload.safeParse(body);
  return parsed.success ? parsed.data : problemsOf(parsed.error);
}

const MOST_PROBLEMS = 5; // told at once: ten thousand alerts with the same fault need not fill a log

function problemsOf({ issues }: z.ZodError): string {
  const told = issues.slice(0, MOST_PROBLEMS).map(issue => `${issue.path.join('.') || 'payload'}: ${issue.message}`);
  const more = issues.length - told.length;
  return [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
