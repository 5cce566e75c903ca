// All SQL on which alarm explains which. The rule itself is subgraphs/catalogue/correlation.ts.
import { rankSql } from '../../../catalogue/correlation.ts';
import type { Page } from '../../../runtime/connection.ts';
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { type AlarmList, COLUMNS } from '../alarms/alarm-store.ts';

/** An alarm that explains others: its host and its rank. */
export interface Cause {
  readonly hostname: string;
  readonly rank: number;
}

const WANTED = 'unnest($1::text[], $2::int[]) with ordinality as wanted (host, rank, n)';
const IMPACTED = `alarm.hostname = wanted.host and alarm.cleared_at is null and (${rankSql('alarm')}) > wanted.rank`;

/** What each of these explains, newest first: the same page for all, in one statement each for rows and counts. */
export async function listImpacted(sql: Sql, causes: readonly Cause[], page: Page): Promise<AlarmList[]> {
  const wanted = [causes.map(cause => cause.hostname), causes.map(cause => cause.rank)];
  const [found, totals] = await Promise.all([
    rows<AlarmRow & { n: string }>(
      sql,
      `/* alarms.impacted */ select wanted.n, page.* from ${WANTED} cross join lateral (
         select ${COLUMNS} from alarm where ${IMPACTED}
           and ($3::timestamptz is null or (raised_at, id) < ($3, $4::uuid))
         order by raised_at desc, id desc limit $5
       ) as page`,
      [...wanted, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    rows<{ n: string; total: number }>(
      sql,
      `/* alarms.impactedCount */ select wanted.n, count(*)::int as total from ${WANTED} join alarm on ${IMPACTED}
       group by wanted.n`,
      wanted,
    ),
  ]);
  const counts = new Map(totals.map(({ n, total }) => [n, total]));
  return causes.map((_, i) => ({
    found: found.filter(({ n }) => n === String(i + 1)),
    totalCount: counts.get(String(i + 1)) ?? 0,
  }));
}
