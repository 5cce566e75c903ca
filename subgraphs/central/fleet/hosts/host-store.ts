// All SQL that reads mirrored hosts.
import type { Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';

const COLUMNS = `m.id, m.region, m.hostname, m.personality, m.administrative, m.operational, m.availability,
  m.management_mac as "managementMac", m.serial_number as "serialNumber", m.simulated`;

export interface HostFilter {
  readonly regions?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly hostname?: string | null;
  readonly mac?: string | null;
  readonly serialNumber?: string | null;
  readonly personality?: string | null;
  readonly administrative?: string | null;
  readonly availability?: readonly string[] | null;
}

const FILTER = `($1::text[] is null or m.region = any($1))
  and ($2::text[] is null or m.region in (select r.id from region r where r.group_name = any($2)))
  and ($3::text is null or m.hostname ilike $3)
  and ($4::text is null or m.management_mac = lower($4))
  and ($5::text is null or m.serial_number = $5)
  and ($6::text is null or m.personality = $6)
  and ($7::text is null or m.administrative = $7)
  and ($8::text[] is null or m.availability = any($8))`;

const filterValues = (filter: HostFilter): unknown[] => [
  filter.regions ?? null,
  filter.groups ?? null,
  filter.hostname ? containing(filter.hostname) : null,
  filter.mac ?? null,
  filter.serialNumber ?? null,
  filter.personality ?? null,
  filter.administrative ?? null,
  filter.availability ?? null,
];

// An unnamed host sorts as '' so that the key is never null.
const KEY = `m.region, coalesce(m.hostname, ''), m.id`;

export const keyOfHost = (host: MirrorHostRow): readonly string[] => [host.region, host.hostname ?? '', host.id];

/** Hosts by region and hostname: a page and, when there is one, the host after it. */
export const listHosts = (sql: Sql, filter: HostFilter, page: Page): Promise<MirrorHostRow[]> =>
  rows(
    sql,
    `/* fleet.hosts */ select ${COLUMNS} from mirror_host m
     where ${FILTER} and ($9::text is null or (${KEY}) > ($9, $10::text, $11::text)) order by ${KEY} limit $12`,
    [
      ...filterValues(filter),
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.after?.[2] ?? null,
      page.first + 1,
    ],
  );

export async function countHosts(sql: Sql, filter: HostFilter): Promise<number> {
  const text = `/* fleet.hostCount */ select count(*)::int as n from mirror_host m where ${FILTER}`;
  return (await one<{ n: number }>(sql, text, filterValues(filter)))?.n ?? 0;
}

export interface HostName {
  readonly region: string;
  readonly hostname: string;
}

export const findHostsByName = (sql: Sql, names: readonly HostName[]): Promise<MirrorHostRow[]> =>
  rows(
    sql,
    `/* fleet.hostsByName */ select ${COLUMNS} from mirror_host m
     where (m.region, m.hostname) in (select * from unnest($1::text[], $2::text[]))`,
    [names.map(name => name.region), names.map(name => name.hostname)],
  );
