// All SQL that reads mirrored hosts.
import type { Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import { HOST_FIELDS } from '../mirror/mirror-columns.ts';
import type { MirrorHostRow } from '../mirror/mirror-rows.ts';
import type { HostFilter } from './host-filter.ts';

const FILTER = `($1::text[] is null or m.region = any($1))
  and ($2::text[] is null or m.region in (select r.id from region r where r.group_name = any($2)))
  and ($3::text is null or m.hostname ilike $3)
  and ($4::text is null or m.management_mac = lower($4))
  and ($5::text is null or m.serial_number = $5)
  and ($6::text is null or m.personality = $6)
  and ($7::text is null or m.administrative = $7)
  and ($8::text is null or m.operational = $8)
  and ($9::text[] is null or m.availability = any($9))
  and ($10::text is null or m.provisioning = $10)
  and ($11::boolean is null or m.simulated = $11)
  and ($12::jsonb is null or m.labels @> $12)
  and ($13::jsonpath is null or m.capacity @? $13)
  and ($14::int is null or exists (
    select 1 from jsonb_to_recordset(m.capacity -> 'hugePages') as p ("pageSizeKiB" int, free int)
    where p."pageSizeKiB" = $14 and p.free >= $15::int))`;

/** Of labels and devices: what a row's document must have in it, which an index answers. */
async function filterValues(sql: Sql, filter: HostFilter): Promise<unknown[]> {
  const { labels, device, freeHugePages } = filter;
  const contained = (labels ?? []).map(({ key, value }) => (typeof value === 'string' ? { key, value } : { key }));
  return [
    filter.regions ?? null,
    filter.groups ?? null,
    filter.hostname ? containing(filter.hostname) : null,
    filter.mac ?? null,
    filter.serialNumber ?? null,
    filter.personality ?? null,
    filter.administrative ?? null,
    filter.operational ?? null,
    filter.availability ?? null,
    filter.provisioning ?? null,
    filter.simulated ?? null,
    contained.length > 0 ? JSON.stringify(contained) : null,
    device ? await devicePath(sql, device) : null,
    freeHugePages?.pageSizeKiB ?? null,
    freeHugePages?.atLeast ?? null,
  ];
}

// An unnamed host sorts as '' so that the key is never null.
const KEY = `m.region, coalesce(m.hostname, ''), m.id`;

export const keyOfHost = (host: MirrorHostRow): readonly string[] => [host.region, host.hostname ?? '', host.id];

/** Hosts by region and hostname: a page and, when there is one, the host after it. */
export const listHosts = async (sql: Sql, filter: HostFilter, page: Page): Promise<MirrorHostRow[]> =>
  rows(
    sql,
    `/* fleet.hosts */ select ${HOST_FIELDS} from mirror_host m
     where ${FILTER} and ($16::text is null or (${KEY}) > ($16, $17::text, $18::text)) order by ${KEY} limit $19`,
    [
      ...(await filterValues(sql, filter)),
      page.after?.[0] ?? null,
      page.after?.[1] ?? null,
      page.after?.[2] ?? null,
      page.first + 1,
    ],
  );

/** A path to the devices that are wanted, by their whole names: an index answers it. With too many names each row is looked at. */
async function devicePath(sql: Sql, { kind, name }: NonNullable<HostFilter['device']>): Promise<string | null> {
  const isKind = kind ? [`@.kind == ${JSON.stringify(kind)}`] : [];
  const isNamed = name ? [nameCondition(name, await deviceNames(sql, name))] : [];
  const conditions = [...isKind, ...isNamed];
  return conditions.length === 0 ? null : `$.devices[*] ? (${conditions.join(' && ')})`;
}

const NAMES = 200; // at most in a path

function nameCondition(part: string, names: readonly string[]): string {
  if (names.length > NAMES) return `@.name like_regex ${JSON.stringify(part)} flag "iq"`;
  const wanted = names.length > 0 ? names : [part]; // no device is called so: the index says that at once
  return `(${wanted.map(name => `@.name == ${JSON.stringify(name)}`).join(' || ')})`;
}

const deviceNames = (sql: Sql, part: string): Promise<string[]> =>
  rows<{ name: string }>(
    sql,
    '/* fleet.deviceNames */ select distinct name from mirror_device where name ilike $1 limit $2',
    [containing(part), NAMES + 1],
  ).then(found => found.map(({ name }) => name));

export async function countHosts(sql: Sql, filter: HostFilter): Promise<number> {
  const text = `/* fleet.hostCount */ select count(*)::int as n from mirror_host m where ${FILTER}`;
  return (await one<{ n: number }>(sql, text, await filterValues(sql, filter)))?.n ?? 0;
}

export interface HostName {
  readonly region: string;
  readonly hostname: string;
}

export const findHostsByName = (sql: Sql, names: readonly HostName[]): Promise<MirrorHostRow[]> =>
  rows(
    sql,
    `/* fleet.hostsByName */ select ${HOST_FIELDS} from mirror_host m
     where (m.region, m.hostname) in (select * from unnest($1::text[], $2::text[]))`,
    [names.map(name => name.region), names.map(name => name.hostname)],
  );

/** The sums of one region, or of all that match. */
export interface CapacityRow {
  readonly region: string;
  readonly hosts: number;
  readonly inService: number;
  readonly controllers: number;
  readonly isAllInOne: boolean;
  readonly cpuThreads: number;
  readonly memoryMiB: number;
  readonly hugePages: readonly { readonly pageSizeKiB: number; readonly total: number; readonly free: number }[];
  readonly devices: readonly { readonly kind: string; readonly name: string | null; readonly count: number }[];
}

/**
 * Per region, or over all of them as one row. Quantities are of hosts in service: what is locked or has failed offers
 * nothing. Hosts that are alike are counted first, by their documents as text, which compare faster; each document is opened once.
 */
export const sumCapacity = async (sql: Sql, filter: HostFilter, per: 'region' | 'fleet'): Promise<CapacityRow[]> =>
  rows(
    sql,
    `/* fleet.capacity */ with h as materialized (
       select ${per === 'region' ? 'm.region' : `''`} as region, m.personality = 'CONTROLLER' as is_controller,
         m.personality = 'CONTROLLER' and m.subfunctions ? 'worker' as is_all_in_one,
         m.administrative = 'UNLOCKED' and m.operational = 'ENABLED' as serves,
         m.capacity::text as document, count(*) as n
       from mirror_host m where ${FILTER} group by 1, 2, 3, 4, 5),
     offers as (select region, document::jsonb as capacity, n from h where serves and document is not null),
     hosts as (
       select region, sum(n)::int as hosts, coalesce(sum(n) filter (where serves), 0)::int as in_service,
         coalesce(sum(n) filter (where is_controller), 0)::int as controllers, coalesce(bool_or(is_all_in_one), false) as all_in_one
       from h group by 1),
     sums as (
       select region, sum(n * (capacity ->> 'cpuThreads')::int)::float8 as threads,
         sum(n * (capacity ->> 'memoryMiB')::int)::float8 as memory
       from offers group by 1),
     pages as (
       select region, jsonb_agg(jsonb_build_object('pageSizeKiB', size, 'total', total, 'free', free) order by size) as pages
       from (
         select region, p."pageSizeKiB" as size, sum(n * p.total) as total, sum(n * p.free) as free
         from offers, jsonb_to_recordset(capacity -> 'hugePages') as p ("pageSizeKiB" int, total int, free int)
         group by 1, 2) as by_size
       group by 1),
     devices as (
       select region, jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'count', count) order by kind, name) as devices
       from (
         select region, d.kind, d.name, sum(n * d.count) as count
         from offers, jsonb_to_recordset(capacity -> 'devices') as d (kind text, name text, count int)
         group by 1, 2, 3) as by_name
       group by 1)
     select region, hosts, in_service as "inService", controllers, all_in_one as "isAllInOne",
       coalesce(threads, 0) as "cpuThreads", coalesce(memory, 0) as "memoryMiB", coalesce(pages, '[]') as "hugePages",
       coalesce(devices, '[]') as devices
     from hosts left join sums using (region) left join pages using (region) left join devices using (region)`,
    await filterValues(sql, filter),
  );
