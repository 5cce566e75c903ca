// What goes on with subscriptions at one gateway, as metrics.
import type { Admission } from '../../runtime/admission.ts';
import type { Metrics } from '../../runtime/metrics.ts';
import type { Deliveries } from './deliveries.ts';
import type { DeliveryAccount } from './delivery-account.ts';

export interface SubscriptionMetricsDeps {
  readonly deliveries: Deliveries;
  readonly admission: Admission;
  readonly account: DeliveryAccount;
}

export function subscriptionMetrics(
  metrics: Metrics,
  { deliveries, admission, account }: SubscriptionMetricsDeps,
): void {
  metrics.gauge({
    name: 'murmuration_subscribers',
    help: 'Subscriptions under way: alone on a stream of their own, at the end of a shared one (live), or behind it.',
    read: () => {
      const { subscribers, alone, behind } = deliveries.counts();
      return [
        { labels: { stream: 'alone' }, value: alone },
        { labels: { stream: 'behind' }, value: behind },
        { labels: { stream: 'live' }, value: subscribers - alone - behind },
      ];
    },
  });
  metrics.gauge({
    name: 'murmuration_shared_streams',
    help: 'Streams of the alarm feed that are shared: one for each operation with subscribers.',
    read: () => [{ value: deliveries.counts().streams }],
  });
  metrics.gauge({
    name: 'murmuration_sockets',
    help: 'Open WebSockets.',
    read: () => [{ value: admission.counts().sockets }],
  });
  metrics.counter({
    name: 'murmuration_subscriptions_refused_total',
    help: 'Sockets and subscriptions that were refused over a limit.',
    read: () => [{ value: admission.counts().refused }],
  });
  metrics.counter({
    name: 'murmuration_deliveries_total',
    help: 'Alarm changes of a region that were written to clients of this gateway.',
    read: () => account.totals('delivered'),
  });
  metrics.counter({
    name: 'murmuration_lagged_total',
    help: 'Alarm changes that clients of this gateway were told to have missed.',
    read: () => account.totals('lagged'),
  });
}
