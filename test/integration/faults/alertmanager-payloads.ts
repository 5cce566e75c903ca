// Payloads as Alertmanager 0.28 sends them: version 4, a group of alerts with their fingerprints.
import { createHash } from 'node:crypto';

export interface AlertFixture {
  readonly status?: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly fingerprint?: string;
}

export function anAlert({ status = 'firing', labels, annotations = {}, fingerprint }: AlertFixture) {
  return {
    status,
    labels,
    annotations: { summary: `${labels['alertname']} on ${labels['instance']}`, ...annotations },
    startsAt: '2026-11-22T09:30:00.123456789Z',
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-11-22T09:41:00.5+01:00',
    generatorURL: 'http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
    fingerprint: fingerprint ?? createHash('sha256').update(JSON.stringify(labels)).digest('hex').slice(0, 16),
  };
}

export function aPayload(alerts: readonly AlertFixture[], overrides: Readonly<Record<string, unknown>> = {}) {
  const [first] = alerts;
  const alertname = first?.labels['alertname'] ?? '';
  return {
    version: '4',
    groupKey: `{}/{team="edge"}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
    status: alerts.some(alert => alert.status !== 'resolved') ? 'firing' : 'resolved',
    receiver: 'murmuration',
    groupLabels: { alertname },
    commonLabels: { alertname },
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    alerts: alerts.map(anAlert),
    ...overrides,
  };
}

export const onNode = (alertname: string, node: string, more: Readonly<Record<string, string>> = {}) => ({
  alertname,
  instance: `${node}:9100`,
  job: 'node',
  severity: 'critical',
  ...more,
});
