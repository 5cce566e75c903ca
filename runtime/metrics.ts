// The numbers of a process in Prometheus' text form at /metrics: those of Node (event loop lag, heap, CPU) and what each part
// adds. Values are read when they are asked for. The number of series a metric may have is bounded.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Route } from './http-door.ts';

export interface Series {
  /** Label values by name; the same names in every series of a metric. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricOptions {
  /** With its unit, `murmuration_feed_subscribers`; a counter's ends in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  read(): Iterable<Series> | Promise<Iterable<Series>>;
}

/** Observations of one label set, counted by whoever made them. */
export interface Distribution {
  readonly labels: Readonly<Record<string, string>>;
  /** Observations up to each of the `bounds` and above the one before; the last of them is above all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface HistogramOptions extends Omit<MetricOptions, 'labelNames' | 'read'> {
  /** Upper bounds, ascending, in the metric's unit. */
  readonly bounds: readonly number[];
  read(): Iterable<Distribution>;
}

export interface Metrics {
  /** A number that goes up and down. */
  gauge(options: MetricOptions): void;
  /** A number that only grows while the process lives. */
  counter(options: MetricOptions): void;
  histogram(options: HistogramOptions): void;
  readonly route: Route;
}

/** A region more than these is left out of the metrics, not of the graph. */
const MOST_SERIES = 2_000;

export function openMetrics(part: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ part });
  collectDefaultMetrics({ register: registry });
  const add = (Kind: typeof Gauge | typeof Counter, { name, help, labelNames = [], read }: MetricOptions): void => {
    const metric: Gauge | Counter = new Kind({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        const series = [...(await read())].slice(0, MOST_SERIES);
        metric.reset(); // a region that left takes its series along
        for (const { labels = {}, value } of series) metric.inc(labels, value);
      },
    });
  };
  return {
    gauge: options => add(Gauge, options),
    counter: options => add(Counter, options),
    histogram: options => registry.registerMetric(counted(options) as never),
    route: {
      path: '/metrics',
      handle: async ({ res }) => {
        const text = await registry.metrics();
        res.writeHead(200, { 'content-type': registry.contentType }).end(text);
      },
    },
  };
}

/** prom-client's own histogram can only observe; this one tells what was counted elsewhere. */
function counted({ name, help, bounds, read }: HistogramOptions) {
  const linesOf = ({ labels, counts, sum }: Distribution): object[] => {
    let total = 0;
    const buckets = [...bounds, '+Inf'].map((le, i) => {
      total += counts[i] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  };
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    values: [...read()].slice(0, MOST_SERIES).flatMap(linesOf),
  });
  return { name, get };
}
