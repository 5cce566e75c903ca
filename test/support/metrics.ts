// What a process tells at its /metrics, series by series.

export interface Scrape {
  /** The value of the series with this name and these labels, and no others but `part`. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
  /** The values that a label has in the series of a metric. */
  labels(name: string, label: string): string[];
  readonly text: string;
}

/** `at` is any address of the process. */
export async function scrape(at: string): Promise<Scrape> {
  const text = await (await fetch(new URL('/metrics', at))).text();
  const series = text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', list = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const labels = Object.fromEntries([...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key!, text!]));
      delete labels['part'];
      return { name, labels, value: Number(value) };
    });
  const keyOf = (labels: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(labels).sort());
  return {
    value: (name, labels = {}) => series.find(one => one.name === name && keyOf(one.labels) === keyOf(labels))?.value,
    labels: (name, label) => [
      ...new Set(series.filter(one => one.name === name).flatMap(one => one.labels[label] ?? [])),
    ],
    text,
  };
}
