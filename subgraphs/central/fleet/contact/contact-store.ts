// All SQL on contact: what the mirror's leader heard, for every replica to judge.
import { rows, type Sql } from '../../../runtime/sql.ts';

/** What was heard of a region since the last write. */
export interface Heard {
  readonly region: string;
  /** Null when nothing was heard. */
  readonly at: string | null;
  /** Why contact was lost; null when it was not. */
  readonly reason: string | null;
}

export async function saveHeard(sql: Sql, heard: readonly Heard[]): Promise<void> {
  if (heard.length === 0) return;
  await rows(
    sql,
    `/* contact.save */ update region set last_contact_at = greatest(region.last_contact_at, h.at), contact_reason = h.reason
     from unnest($1::text[], $2::timestamptz[], $3::text[]) as h (region, at, reason) where region.id = h.region`,
    [heard.map(h => h.region), heard.map(h => h.at), heard.map(h => h.reason)],
  );
}
