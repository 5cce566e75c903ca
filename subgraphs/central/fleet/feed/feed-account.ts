// The account of the feed, region by region: what the region committed, what was mirrored, what gateways told clients.
import { EntitySchema } from 'typeorm';

/** Counts are whole numbers as text: they outgrow a double. */
export interface FeedAccount {
  /** Empty for what cannot be laid to one region. */
  readonly region: string;
  /** Number of the region's last alarm change as it was last heard; null before anything was heard. */
  readonly committed: string | null;
  /** When that was heard. */
  readonly committedAt: string | null;
  /** Number of the last one that the mirror has. */
  readonly mirrored: string;
  readonly delivered: string;
  readonly lagged: string;
}

/** What a gateway delivered of one region since its last report. */
export interface Deliveries {
  readonly region: string;
  readonly delivered: number;
  readonly lagged: number;
}

const text = { type: 'text' } as const;
const instant = { type: 'timestamptz', precision: 3 } as const;

export const FeedAccountEntity = new EntitySchema<{
  region: string;
  committed: string | null;
  committedAt: Date | null;
  delivered: string;
  lagged: string;
}>({
  name: 'FeedAccount',
  tableName: 'feed_account',
  columns: {
    region: { ...text, primary: true, primaryKeyConstraintName: 'feed_account_pk' },
    committed: { type: 'bigint', nullable: true },
    committedAt: { ...instant, name: 'committed_at', nullable: true },
    delivered: { type: 'bigint', default: 0 },
    lagged: { type: 'bigint', default: 0 },
  },
});

/** A gateway that reports, and the number of its last report. */
export const FeedTellerEntity = new EntitySchema<{ id: string; report: string; at: Date }>({
  name: 'FeedTeller',
  tableName: 'feed_teller',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'feed_teller_pk' },
    report: { type: 'bigint' },
    at: instant,
  },
});
