// All SQL on which mirrored alarm explains which. The rule itself is subgraphs/catalogue/correlation.ts.
import { HOST_CAUSES, quoted, rankSql } from '../../../catalogue/correlation.ts';
import type { Page } from '../../../runtime/connection.ts';
import { rows, type Sql } from '../../../runtime/sql.ts';
import { type AlarmRecord, COLUMNS, type ListedAlarm, toListed } from '../alarms/alarm-store.ts';
import { LOSS_ALARM } from '../mirror/loss-alarm.ts';

/** What may explain alarms of these regions and hosts: a host's own in every one of the regions, and the loss of a region. */
export async function findCauses(
  sql: Sql,
  regions: readonly string[],
  hostnames: readonly string[],
): Promise<ListedAlarm[]> {
  const found = await rows<AlarmRecord>(
    sql,
    `/* fleet.causes */ select ${COLUMNS} from mirror_alarm m
     where m.alarm_id in (${quoted([LOSS_ALARM, ...HOST_CAUSES])}) and m.region = any($1::text[])
       and (m.origin = 'CENTRE' or m.hostname = any($2::text[]))`,
    [regions, hostnames],
  );
  return found.map(toListed);
}

/** An alarm that explains others: of its host those of a higher rank; without a host all that the region raised. */
export interface Cause {
  readonly region: string;
  readonly hostname: string | null;
  readonly rank: number;
}

export interface ImpactedList {
  readonly found: ListedAlarm[];
  readonly totalCount: number;
}

const WANTED = 'unnest($1::text[], $2::text[], $3::int[]) with ordinality as wanted (region, host, rank, n)';
const IMPACTED = `m.region = wanted.region and m.origin = 'REGION'
  and (wanted.host is null or m.hostname = wanted.host and (${rankSql('m')}) > wanted.rank)`;

/** What each of these explains, newest first: the same page for all, in one statement each for rows and counts. */
export async function listImpacted(sql: Sql, causes: readonly Cause[], page: Page): Promise<ImpactedList[]> {
  const wanted = [causes.map(cause => cause.region), causes.map(cause => cause.hostname), causes.map(c => c.rank)];
  const [found, totals] = await Promise.all([
    rows<AlarmRecord & { n: string }>(
      sql,
      `/* fleet.impacted */ select wanted.n, page.* from ${WANTED} cross join lateral (
         select ${COLUMNS} from mirror_alarm m where ${IMPACTED}
           and ($4::timestamptz is null or (m.raised_at, m.id) < ($4, wanted.region || '/' || $5))
         order by m.raised_at desc, m.id desc limit $6
       ) as page`,
      [...wanted, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    rows<{ n: string; total: number }>(
      sql,
      `/* fleet.impactedCount */ select wanted.n, count(*)::int as total from ${WANTED} join mirror_alarm m on ${IMPACTED}
       group by wanted.n`,
      wanted,
    ),
  ]);
  const counts = new Map(totals.map(({ n, total }) => [n, total]));
  return causes.map((_, i) => ({
    found: found.filter(({ n }) => n === String(i + 1)).map(toListed),
    totalCount: counts.get(String(i + 1)) ?? 0,
  }));
}
