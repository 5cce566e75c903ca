// The last comparison of each region's part of the mirror with the region, as metrics.
import type { DataSource } from 'typeorm';
import type { Metrics, Series } from '../../../../runtime/metrics.ts';
import { type AlignmentRow, totalOf } from './alignment.ts';
import { allAlignments } from './alignment-store.ts';

export function alignmentMetrics(metrics: Metrics, dataSource: DataSource): void {
  const add = (name: string, help: string, numberOf: (row: AlignmentRow) => number): void =>
    metrics.gauge({
      name: `murmuration_alignment_${name}`,
      help,
      read: async () =>
        (await allAlignments(dataSource)).map(
          (row): Series => ({ labels: { region: row.region, subgraph: row.source }, value: numberOf(row) }),
        ),
    });
  add(
    'differences',
    'Rows of the mirror that the last comparison found to differ from the region, and repaired.',
    totalOf,
  );
  add('checked_timestamp_seconds', 'When the mirror was last compared with the region.', ({ checkedAt }) =>
    seconds(checkedAt),
  );
  add(
    'last_difference_timestamp_seconds',
    'When a comparison last found a difference; 0 when none ever did.',
    ({ lastDifferenceAt }) => (lastDifferenceAt === null ? 0 : seconds(lastDifferenceAt)),
  );
}

const seconds = (at: string): number => Date.parse(at) / 1_000;
