// The numbers of a process in Prometheus' text form at /metrics: those of Node (event loop lag, heap, CPU) and what each part
// adds. Values are read when they are asked for. The number of series a metric may have is bounded.
import { setImmediate as othersFirst } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
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
  read(): Iterable<Series> | Promise<Iterable<Series>>;
}

/** Observations of one label set, counted by whoever made them. */
export interface Distribution {
  readonly labels: Readonly<Record<string, string>>;
  /** Observations up to each of the `bounds` and above the one before; the last of them is above all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface HistogramOptions extends Omit<MetricOptions, 'read'> {
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

type Kind = 'gauge' | 'counter' | 'histogram';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly kind: Kind;
  /** Everything that is told of it now, as lines. */
  read(): Promise<() => string[]>;
}

export function openMetrics(part: string): Metrics {
  const ofNode = new Registry();
  ofNode.setDefaultLabels({ part });
  collectDefaultMetrics({ register: ofNode });
  const own: Metric[] = [];
  const add = (kind: Kind, { name, help, read }: MetricOptions): void =>
    void own.push({
      name,
      help,
      kind,
      read: async () => {
        const series = [...(await read())].slice(0, MOST_SERIES);
        return () => series.map(({ labels = {}, value }) => `${name}{${labelText({ ...labels, part })}} ${value}`);
      },
    });
  return {
    gauge: options => add('gauge', options),
    counter: options => add('counter', options),
    histogram: ({ name, help, bounds, read }) =>
      void own.push({
        name,
        help,
        kind: 'histogram',
        read: async () => {
          const distributions = [...read()].slice(0, MOST_SERIES);
          return () =>
            distributions.flatMap(one => histogramLines(name, bounds, labelText({ ...one.labels, part }), one));
        },
      }),
    route: {
      path: '/metrics',
      handle: async ({ res }) => {
        // read in one turn of the event loop: they tell of one moment
        const looks = await Promise.all(own.map(async metric => ({ metric, lines: await metric.read() })));
        const texts = [await ofNode.metrics()];
        for (const { metric, lines } of looks) {
          await othersFirst(); // a thousand regions are tens of thousands of lines
          const { name, help, kind } = metric;
          texts.push([`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${kind}`, ...lines(), ''].join('\n'));
        }
        res.writeHead(200, { 'content-type': ofNode.contentType }).end(texts.join('\n'));
      },
    },
  };
}

function histogramLines(
  name: string,
  bounds: readonly number[],
  labels: string,
  { counts, sum }: Distribution,
): string[] {
  let total = 0;
  const buckets = [...bounds, '+Inf'].map((bound, i) => {
    total += counts[i] ?? 0;
    return `${name}_bucket{le="${bound}",${labels}} ${total}`;
  });
  return [...buckets, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${total}`];
}

const labelText = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
    .join(',');

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
