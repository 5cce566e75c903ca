// All SQL on alignments. Their instants are the database's: a request of one replica and the comparison of another are set
// against each other.
import { rows, type Sql } from '../../../runtime/sql.ts';
import { type AlignmentRow, totalOf } from './alignment.ts';

type Comparison = Omit<AlignmentRow, 'checkedAt' | 'lastDifferenceAt'>;

/** Keeps the comparison, and ends a request for one once all sources have been compared since. */
export async function saveAlignment(sql: Sql, row: Comparison): Promise<void> {
  await rows(
    sql,
    `/* alignment.save */ insert into region_alignment as a
       (region, source, checked_at, sequence, missing, extra, changed, examples, last_difference_at)
     select $1, $2, t, $3, $4, $5, $6, $7, case when $8 then t end from (select clock_timestamp() as t) as clock
     on conflict (region, source) do update set checked_at = excluded.checked_at, sequence = excluded.sequence,
       missing = excluded.missing, extra = excluded.extra, changed = excluded.changed, examples = excluded.examples,
       last_difference_at = coalesce(excluded.last_difference_at, a.last_difference_at)`,
    [row.region, row.source, row.sequence, row.missing, row.extra, row.changed, row.examples, totalOf(row) > 0],
  );
  await rows(
    sql,
    `/* alignment.answer */ update region set realign_requested_at = null
     where id = $1 and realign_requested_at <= (select min(checked_at) from region_alignment where region = $1)`,
    [row.region],
  );
}

const ALIGNMENTS = `select region, source, checked_at as "checkedAt", sequence, missing, extra, changed, examples,
       last_difference_at as "lastDifferenceAt" from region_alignment`;

export const findAlignments = (sql: Sql, regions: readonly string[]): Promise<AlignmentRow[]> =>
  rows(sql, `/* alignment.byRegions */ ${ALIGNMENTS} where region = any($1::text[]) order by region, source`, [
    regions,
  ]);

export const allAlignments = (sql: Sql): Promise<AlignmentRow[]> =>
  rows(sql, `/* alignment.all */ ${ALIGNMENTS} order by region, source`);
