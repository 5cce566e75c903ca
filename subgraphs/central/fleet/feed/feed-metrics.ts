// The feed's account as metrics. Sums of whole counts: a double is exact up to 2^53.
import type { DataSource } from 'typeorm';
import type { Metrics } from '../../../../runtime/metrics.ts';
import type { FeedAccount } from './feed-account.ts';
import { allAccounts } from './feed-account-store.ts';

const HELP = {
  committed: "Number of a region's last alarm change, as the centre last heard it.",
  mirrored: "Number of a region's last alarm change that the feed's log has.",
  delivered: 'Alarm changes of a region that gateways wrote to clients.',
  lagged: 'Alarm changes that clients were told to have missed; without a region: those of feeds of several regions.',
} as const;

export function feedMetrics(metrics: Metrics, dataSource: DataSource): void {
  let reading: Promise<FeedAccount[]> | undefined;
  // one look at the table for all metrics of a scrape
  const read = (): Promise<FeedAccount[]> => {
    reading ??= allAccounts(dataSource).finally(() => {
      reading = undefined;
    });
    return reading;
  };
  for (const field of ['committed', 'mirrored', 'delivered', 'lagged'] as const)
    metrics.gauge({
      name: `murmuration_feed_${field}`,
      help: HELP[field],
      read: async () =>
        (await read()).map(account => ({ labels: { region: account.region }, value: Number(account[field] ?? 0) })),
    });
  metrics.gauge({
    name: 'murmuration_mirror_lag_changes',
    help: "Alarm changes of a region that the centre has heard of and the feed's log has not.",
    read: async () =>
      (await read())
        .filter(({ region }) => region !== '')
        .map(({ region, committed, mirrored }) => ({
          labels: { region },
          value: Math.max(0, Number(committed ?? 0) - Number(mirrored)), // what was heard may be older than what was mirrored
        })),
  });
}
