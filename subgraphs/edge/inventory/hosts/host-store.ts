// All SQL on hosts. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import {
  containing,
  nameOf,
  namesOf,
  one,
  rows,
  type Sql,
  type Columns as SqlColumns,
  tableOf,
} from '../../../runtime/sql.ts';
import type { SnapshotQuery } from '../../../runtime/subgraph.ts';
import type { DeclaredHost } from '../provisioning/declared-host.ts';
import type { Availability, HostRow, Label, Personality } from './host.ts';

const COLUMN = {
  id: 'id uuid',
  identity: 'identity text',
  hostname: 'hostname text',
  personality: 'personality text',
  administrative: 'administrative text',
  operational: 'operational text',
  availability: 'availability text',
  provisioning: 'provisioning text',
  declared: 'declared boolean',
  subfunctions: 'subfunctions jsonb',
  location: 'location text',
  install: 'install jsonb',
  bmc: 'bmc jsonb',
  simulated: 'simulated boolean',
  managementMac: 'management_mac text',
  managementIp: 'management_ip text',
  serialNumber: 'serial_number text',
  manufacturer: 'manufacturer text',
  productName: 'product_name text',
  labels: 'labels jsonb',
  hardware: 'hardware jsonb',
  uptimeSeconds: 'uptime_seconds integer',
  cpuUsagePercent: 'cpu_usage_percent float8',
  memoryUsagePercent: 'memory_usage_percent float8',
  lastHeartbeatAt: 'last_heartbeat_at timestamptz',
} as const satisfies Required<SqlColumns<HostRow>>;

const { manufacturer, productName, labels, hardware, uptimeSeconds, cpuUsagePercent, memoryUsagePercent, ...rest } =
  COLUMN;
const { lastHeartbeatAt, ...DECLARED } = rest;

const selected = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([field, column]) => `${nameOf(column)} as "${field}"`)
    .join(', ');

const COLUMNS = selected(COLUMN);

/** The `MIRRORED` part of every host with its conditions, for followers. */
export const HOSTS_NOW: SnapshotQuery = {
  statement: `select id, hostname, personality, administrative, operational, availability,
    management_mac as "managementMac", serial_number as "serialNumber", simulated,
    coalesce((select json_agg(json_build_object('alarmId', alarm_id, 'instance', instance, 'severity', severity,
      'reasonText', reason_text)) from host_condition where host_id = host.id), '[]') as conditions from host`,
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

/** The host that reports: by its identity, else by its management MAC, by which an operator may have declared it. */
export const findReporting = (sql: Sql, identity: string, managementMac: string | null): Promise<HostRow | null> =>
  one(
    sql,
    `/* hosts.reporting */ select ${COLUMNS} from host where identity = $1 or management_mac = $2
     order by (identity = $1) desc, declared desc, id limit 1`,
    [identity, managementMac],
  );

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
export const saveHost = (sql: Sql, host: HostRow): Promise<void> => saveAll(sql, COLUMN, [host]);

/** As operators declare hosts: what only agents say stays as it is. */
export const saveDeclared = (sql: Sql, hosts: readonly DeclaredHost[]): Promise<void> => saveAll(sql, DECLARED, hosts);

/** All hosts, as far as declarations know them. */
export const findDeclared = (sql: Sql): Promise<DeclaredHost[]> =>
  rows(sql, `/* hosts.declared */ select ${selected(DECLARED)} from host order by ${KEY}, id`);

async function saveAll<Row>(sql: Sql, columns: SqlColumns<Row>, hosts: readonly Row[]): Promise<void> {
  if (hosts.length === 0) return;
  const { table, values } = tableOf<Row>(columns, hosts.map(asColumns) as Row[]);
  const names = namesOf(columns as Readonly<Record<string, string>>);
  const replaced = names.filter(name => name !== 'id').map(name => `${name} = excluded.${name}`);
  await rows(
    sql,
    `/* hosts.save */ insert into host (${names.join(', ')}) select ${names.join(', ')} from ${table} as item
     on conflict (id) do update set ${replaced.join(', ')}`,
    values,
  );
}

/** Documents travel as text. */
const asColumns = (host: unknown): unknown =>
  Object.fromEntries(
    Object.entries(host as Record<string, unknown>).map(([field, value]) => [
      field,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  );

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
