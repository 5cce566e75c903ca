// All SQL on releases and host software. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { SnapshotQuery } from '../../../runtime/subgraph.ts';
import type { HostSoftwareRow, ReleaseRow } from './release.ts';

/** What every host runs, for followers. */
export const SOFTWARE_NOW: SnapshotQuery = {
  statement: 'select host_id as "hostId", release_id as release from host_software',
  key: 'hostId',
};

/** What an agent says that a host runs. */
export interface ReportedSoftware {
  /** Local host id. */
  readonly id: string;
  readonly release: string;
  readonly softwareVersion?: string | null;
}

export const findByHosts = (sql: Sql, hostIds: readonly string[]): Promise<HostSoftwareRow[]> =>
  rows(
    sql,
    `/* software.byHosts */ select host_id as "hostId", release_id as release, reported_at as "reportedAt"
     from host_software where host_id = any($1::uuid[])`,
    [hostIds],
  );

export async function listReleases(sql: Sql, page: Page): Promise<{ found: ReleaseRow[]; totalCount: number }> {
  const [found, total] = await Promise.all([
    rows<ReleaseRow>(
      sql,
      `/* releases.page */ select r.id, r.software_version as "softwareVersion",
         (select count(*)::int from host_software h where h.release_id = r.id) as "hostCount"
       from release r where ($1::text is null or r.id > $1) order by r.id limit $2`,
      [page.after?.[0] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, '/* releases.count */ select count(*)::int as n from release'),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

export const findReleases = (sql: Sql, ids: readonly string[]): Promise<ReleaseRow[]> =>
  rows(
    sql,
    `/* releases.byIds */ select r.id, r.software_version as "softwareVersion",
       (select count(*)::int from host_software h where h.release_id = r.id) as "hostCount"
     from release r where r.id = any($1::text[])`,
    [ids],
  );

export async function saveSoftware(sql: Sql, reported: readonly ReportedSoftware[], at: string): Promise<void> {
  await rows(
    sql,
    `/* releases.save */ insert into release (id, software_version)
     select distinct on (id) * from unnest($1::text[], $2::text[]) as r (id, version) order by id
     on conflict (id) do update set software_version = coalesce(excluded.software_version, release.software_version)`,
    [reported.map(r => r.release), reported.map(r => r.softwareVersion ?? null)],
  );
  await rows(
    sql,
    `/* software.save */ insert into host_software (host_id, release_id, reported_at)
     select host, release, $3 from unnest($1::uuid[], $2::text[]) as s (host, release) order by host
     on conflict (host_id) do update set release_id = excluded.release_id, reported_at = excluded.reported_at`,
    [reported.map(r => r.id), reported.map(r => r.release), at],
  );
}
