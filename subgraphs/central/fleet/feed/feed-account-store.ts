// All SQL on the feed's account.
import type { DataSource } from 'typeorm';
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { Deliveries, FeedAccount } from './feed-account.ts';

const ACCOUNTS = `select coalesce(a.region, p.region) as region, a.committed, a.committed_at as "committedAt",
    coalesce(p.sequence, 0) as mirrored, coalesce(a.delivered, 0) as delivered, coalesce(a.lagged, 0) as lagged
  from feed_account a
  full join (select region, sequence from region_position where source = 'faults') p on p.region = a.region`;

/** Of the regions in the graph, and what is laid to none. */
export const allAccounts = (sql: Sql): Promise<FeedAccount[]> =>
  rows(
    sql,
    `/* account.all */ select * from (${ACCOUNTS}) all_of where region = '' or exists (select from region where id = region)
     order by region`,
  );

export const findAccounts = (sql: Sql, regions: readonly string[]): Promise<FeedAccount[]> =>
  rows(sql, `/* account.byRegions */ select * from (${ACCOUNTS}) all_of where region = any($1::text[])`, [regions]);

export interface Committed {
  readonly region: string;
  readonly sequence: string;
  readonly at: string;
}

export async function saveCommitted(sql: Sql, committed: readonly Committed[]): Promise<void> {
  if (committed.length === 0) return;
  const sorted = [...committed].sort(byRegion);
  await rows(
    sql,
    `/* account.committed */ insert into feed_account as a (region, committed, committed_at)
     select c.* from unnest($1::text[], $2::bigint[], $3::timestamptz[]) as c (region, committed, at)
     where exists (select from region where id = c.region)
     on conflict (region) do update set committed = excluded.committed, committed_at = excluded.committed_at`,
    [sorted.map(c => c.region), sorted.map(c => c.sequence), sorted.map(c => c.at)],
  );
}

export interface DeliveryReport {
  /** The gateway process, by an id that it made at its start. */
  readonly teller: string;
  /** Counts its reports from 1 on. */
  readonly report: number;
  readonly regions: readonly Deliveries[];
}

/** Adds a report once, however often it comes. False when it is not the one that is due: its teller must begin anew. */
export function saveDeliveries(
  dataSource: DataSource,
  { teller, report, regions }: DeliveryReport,
  at: string,
): Promise<boolean> {
  return dataSource.transaction(async tx => {
    const moved = await rows(
      tx,
      `/* account.report */ insert into feed_teller as t (id, report, at) select $1::uuid, $2::bigint, $3::timestamptz
         where $2 = 1 or exists (select from feed_teller where id = $1)
       on conflict (id) do update set report = excluded.report, at = excluded.at where t.report = excluded.report - 1
       returning 1`,
      [teller, report, at],
    );
    if (moved.length === 0) return isKnown(tx, teller, report);
    const sorted = [...regions].sort(byRegion); // two gateways at once never wait for each other in a ring
    await rows(
      tx,
      `/* account.add */ insert into feed_account as a (region, delivered, lagged)
       select r.* from unnest($1::text[], $2::bigint[], $3::bigint[]) as r (region, delivered, lagged)
       where r.region = '' or exists (select from region where id = r.region) -- others have left the graph
       on conflict (region) do update set delivered = a.delivered + excluded.delivered, lagged = a.lagged + excluded.lagged`,
      [sorted.map(r => r.region), sorted.map(r => r.delivered), sorted.map(r => r.lagged)],
    );
    return true;
  });
}

async function isKnown(sql: Sql, teller: string, report: number): Promise<boolean> {
  const known = await rows(sql, '/* account.known */ select 1 from feed_teller where id = $1 and report >= $2', [
    teller,
    report,
  ]);
  return known.length === 1;
}

export async function forgetTellers(sql: Sql, silentSince: string): Promise<void> {
  await rows(sql, '/* account.forget */ delete from feed_teller where at < $1', [silentSince]);
}

const byRegion = (a: { readonly region: string }, b: { readonly region: string }): number =>
  a.region < b.region ? -1 : 1;
