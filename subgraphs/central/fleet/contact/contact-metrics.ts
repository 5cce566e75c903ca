// How long each region has been silent, as a metric.
import type { Metrics } from '../../../../runtime/metrics.ts';
import type { RegionWatch } from '../regions/region-watch.ts';

export function contactMetrics(metrics: Metrics, watch: Pick<RegionWatch, 'table'>, now: () => Date): void {
  metrics.gauge({
    name: 'murmuration_region_silence_seconds',
    help: 'Since the centre last heard the region: how old its part of the mirror may be. None before the first contact.',
    read: () =>
      [...watch.table()].flatMap(
        ([
          region,
          {
            contact: { lastContactAt },
          },
        ]) =>
          lastContactAt === null
            ? []
            : [{ labels: { region }, value: Math.max(0, now().getTime() - Date.parse(lastContactAt)) / 1_000 }],
      ),
  });
}
