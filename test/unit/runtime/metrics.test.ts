// The text form of metrics: what Prometheus would misread is escaped, and no metric grows without bound.
import type { ServerResponse } from 'node:http';
import { expect, it } from 'vitest';
import type { Exchange } from '../../../runtime/http-door.ts';
import { type Metrics, openMetrics } from '../../../runtime/metrics.ts';

async function textOf({ route }: Metrics): Promise<string> {
  const written: string[] = [];
  const res = { writeHead: () => res, end: (text: string) => void written.push(text) } as unknown as ServerResponse;
  await route.handle({ res } as Exchange);
  return written.join('');
}

it('escapes label values and help', async () => {
  const metrics = openMetrics('x');
  metrics.gauge({ name: 'a', help: 'one\ntwo', read: () => [{ labels: { l: 'say "hi"\\\n' }, value: 1.5 }] });
  const text = await textOf(metrics);
  expect(text).toContain('# HELP a one\\ntwo\n# TYPE a gauge\na{l="say \\"hi\\"\\\\\\n",part="x"} 1.5\n');
});

it('tells at most 2,000 series of a metric', async () => {
  const metrics = openMetrics('x');
  const labels = Array.from({ length: 2_100 }, (_, i) => ({ region: `r${i}` }));
  metrics.counter({ name: 'many_total', help: 'x', read: () => labels.map(one => ({ labels: one, value: 1 })) });
  metrics.histogram({
    name: 'slow',
    help: 'x',
    bounds: [1],
    read: () => labels.map(one => ({ labels: one, counts: [1, 0], sum: 1 })),
  });
  const text = await textOf(metrics);
  expect(text.match(/^many_total\{/gm)).toHaveLength(2_000);
  expect(text.match(/^slow_count\{/gm)).toHaveLength(2_000);
});
