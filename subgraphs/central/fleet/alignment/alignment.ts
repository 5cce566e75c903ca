// How a region's part of the mirror agreed with the region when the two were last compared, and its table.
import { EntitySchema } from 'typeorm';
import { ofRegion } from '../mirror/mirror-rows.ts';

/** Rows of the mirror that were not as the region has them. */
export interface Differences {
  /** The region has them, the mirror had not. */
  readonly missing: number;
  /** The mirror had them, the region has not. */
  readonly extra: number;
  readonly changed: number;
  /** A few of their global ids. */
  readonly examples: readonly string[];
}

export const NO_DIFFERENCES: Differences = { missing: 0, extra: 0, changed: 0, examples: [] };

export const totalOf = ({ missing, extra, changed }: Omit<Differences, 'examples'>): number =>
  missing + extra + changed;

/** The last comparison of one source of a region. */
export interface AlignmentRow extends Differences {
  readonly region: string;
  readonly source: string;
  /** By the clock of the database: the replicas' own may differ. */
  readonly checkedAt: string;
  /** Number of the change for which it is exact. */
  readonly sequence: string;
  readonly lastDifferenceAt: string | null;
}

/** `RegionAlignment` of the SDL. */
export interface RegionAlignment {
  readonly checkedAt: string;
  readonly differences: number;
  readonly lastDifferenceAt: string | null;
  readonly sources: readonly AlignmentRow[];
}

/** Null before the first comparison. */
export function alignmentOf(sources: readonly AlignmentRow[]): RegionAlignment | null {
  if (sources.length === 0) return null;
  return {
    checkedAt: sources.map(row => row.checkedAt).sort()[0]!,
    differences: sources.reduce((sum, row) => sum + totalOf(row), 0),
    lastDifferenceAt:
      sources
        .flatMap(row => row.lastDifferenceAt ?? [])
        .sort()
        .at(-1) ?? null,
    sources,
  };
}

const text = { type: 'text' } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;
const key = { primary: true, primaryKeyConstraintName: 'region_alignment_pk' } as const;

export const RegionAlignmentEntity = new EntitySchema<AlignmentRow>({
  name: 'RegionAlignment',
  tableName: 'region_alignment',
  columns: {
    region: { ...text, ...key },
    source: { ...text, ...key },
    checkedAt: { ...instant, name: 'checked_at' },
    sequence: { type: 'bigint' },
    missing: { type: 'integer' },
    extra: { type: 'integer' },
    changed: { type: 'integer' },
    examples: { type: 'text', array: true },
    lastDifferenceAt: { ...instant, name: 'last_difference_at', nullable: true },
  },
  foreignKeys: ofRegion('region_alignment_region_fk'),
});
