// All SQL on hosts. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import type { SnapshotQuery } from '../../../runtime/subgraph.ts';
import type { Availability, HostRow, Label, Personality } from './host.ts';

const COLUMNS = `id, identity, hostname, personality, administrative, operational, availability, simulated,
  management_mac as "managementMac", management_ip as "managementIp", serial_number as "serialNumber",
  manufacturer, product_name as "productName", labels, hardware, uptime_seconds as "uptimeSeconds",
  cpu_usage_percent as "cpuUsagePercent", memory_usage_percent as "memoryUsagePercent",
  last_heartbeat_at as "lastHeartbeatAt"`;

/** The `MIRRORED` part of every host, for followers. */
export const HOSTS_NOW: SnapshotQuery = {
  statement: `select id, hostname, personality, administrative, operational, availability,
    management_mac as "managementMac", serial_number as "serialNumber", simulated from host`,
  key: 'id',
};

export interface HostFilter {
  readonly hostname?: string | null;
  readonly personality?: Personality | null;
  readonly availability?: readonly Availability[] | null;
}

export interface Heartbeat {
  /** Local id. */
  readonly id: string;
  readonly uptimeSeconds: number;
  readonly cpuUsagePercent?: number | null;
  readonly memoryUsagePercent?: number | null;
}

export const findByIdentity = (sql: Sql, identity: string): Promise<HostRow | null> =>
  one(sql, `/* hosts.byIdentity */ select ${COLUMNS} from host where identity = $1`, [identity]);

export const findByIds = (sql: Sql, ids: readonly string[]): Promise<HostRow[]> =>
  rows(sql, `/* hosts.byIds */ select ${COLUMNS} from host where id = any($1::uuid[])`, [ids]);

// An unnamed host sorts as '' so that the key is never null.
const KEY = `coalesce(hostname, '')`;

export const keyOfHost = (host: HostRow): readonly string[] => [host.hostname ?? '', host.id];

export async function listHosts(
  sql: Sql,
  filter: HostFilter,
  page: Page,
): Promise<{ found: HostRow[]; totalCount: number }> {
  const where = `($1::text is null or hostname ilike $1) and ($2::text is null or personality = $2)
    and ($3::text[] is null or availability = any($3))`;
  const values = [
    filter.hostname ? containing(filter.hostname) : null,
    filter.personality ?? null,
    filter.availability ?? null,
  ];
  const [found, total] = await Promise.all([
    rows<HostRow>(
      sql,
      `/* hosts.page */ select ${COLUMNS} from host
       where ${where} and ($4::text is null or (${KEY}, id) > ($4, $5::uuid))
       order by ${KEY}, id limit $6`,
      [...values, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, `/* hosts.count */ select count(*)::int as n from host where ${where}`, values),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

/** Inserts the host or replaces all of it but its id. */
export async function saveHost(sql: Sql, host: HostRow): Promise<void> {
  await rows(
    sql,
    `/* hosts.save */ insert into host (id, identity, hostname, personality, administrative, operational, availability,
       simulated, management_mac, management_ip, serial_number, manufacturer, product_name, labels, hardware,
       uptime_seconds, cpu_usage_percent, memory_usage_percent, last_heartbeat_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (id) do update set identity = excluded.identity, hostname = excluded.hostname,
       personality = excluded.personality, administrative = excluded.administrative, operational = excluded.operational,
       availability = excluded.availability, simulated = excluded.simulated, management_mac = excluded.management_mac,
       management_ip = excluded.management_ip, serial_number = excluded.serial_number,
       manufacturer = excluded.manufacturer, product_name = excluded.product_name, labels = excluded.labels,
       hardware = excluded.hardware, uptime_seconds = excluded.uptime_seconds,
       cpu_usage_percent = excluded.cpu_usage_percent, memory_usage_percent = excluded.memory_usage_percent,
       last_heartbeat_at = excluded.last_heartbeat_at`,
    [
      host.id,
      host.identity,
      host.hostname,
      host.personality,
      host.administrative,
      host.operational,
      host.availability,
      host.simulated,
      host.managementMac,
      host.managementIp,
      host.serialNumber,
      host.manufacturer,
      host.productName,
      JSON.stringify(host.labels),
      JSON.stringify(host.hardware),
      host.uptimeSeconds,
      host.cpuUsagePercent,
      host.memoryUsagePercent,
      host.lastHeartbeatAt,
    ],
  );
}

export async function saveLabels(sql: Sql, id: string, labels: readonly Label[]): Promise<void> {
  await rows(sql, '/* hosts.labels */ update host set labels = $2 where id = $1', [id, JSON.stringify(labels)]);
}

/** Notes the heartbeats; answers the hosts that were found, with their availability before. */
export function noteHeartbeats(
  sql: Sql,
  beats: readonly Heartbeat[],
  at: string,
): Promise<Pick<HostRow, 'id' | 'availability'>[]> {
  return rows(
    sql,
    `/* hosts.beat */ update host set last_heartbeat_at = $5, uptime_seconds = b.uptime,
       cpu_usage_percent = b.cpu, memory_usage_percent = b.memory
     from unnest($1::uuid[], $2::int[], $3::float8[], $4::float8[]) as b (id, uptime, cpu, memory)
     where host.id = b.id returning host.id, host.availability`,
    [
      beats.map(b => b.id),
      beats.map(b => b.uptimeSeconds),
      beats.map(b => b.cpuUsagePercent ?? null),
      beats.map(b => b.memoryUsagePercent ?? null),
      at,
    ],
  );
}

export const findSilent = (sql: Sql, before: string): Promise<{ id: string }[]> =>
  rows(sql, `/* hosts.silent */ select id from host where last_heartbeat_at < $1 and availability <> 'OFFLINE'`, [
    before,
  ]);

/** Sets the state of hosts that are not in it yet; answers them as they are then. */
export function setAvailability(
  sql: Sql,
  ids: readonly string[],
  state: Pick<HostRow, 'operational' | 'availability'>,
): Promise<HostRow[]> {
  return rows(
    sql,
    `/* hosts.availability */ update host set operational = $2, availability = $3
     where id = any($1::uuid[]) and availability <> $3 returning ${COLUMNS}`,
    [ids, state.operational, state.availability],
  );
}
