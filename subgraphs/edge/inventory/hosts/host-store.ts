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
import type { Hardware } from '../hardware/hardware.ts';
import type { DeclaredHost } from '../provisioning/declared-host.ts';
import {
  type Availability,
  type HostRow,
  type Label,
  type ListedHost,
  MIRRORED,
  type MirroredHost,
  type Personality,
} from './host.ts';

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
  capacity: 'capacity jsonb',
  uptimeSeconds: 'uptime_seconds integer',
  cpuUsagePercent: 'cpu_usage_percent float8',
  memoryUsagePercent: 'memory_usage_percent float8',
  lastHeartbeatAt: 'last_heartbeat_at timestamptz',
  task: 'task text',
  failure: 'failure text',
  impaired: 'impaired boolean',
  bootId: 'boot_id text',
  activeController: 'active_controller boolean',
} as const satisfies Required<SqlColumns<HostRow>>;

const NOT_DECLARED: ReadonlySet<string> = new Set<keyof HostRow>([
  'manufacturer',
  'productName',
  'labels',
  'hardware',
  'capacity',
  'uptimeSeconds',
  'cpuUsagePercent',
  'memoryUsagePercent',
  'lastHeartbeatAt',
  'task',
  'failure',
  'impaired',
  'bootId',
  'activeController',
]);

const part = <Field extends keyof HostRow>(fields: readonly Field[]): Pick<typeof COLUMN, Field> =>
  Object.fromEntries(fields.map(field => [field, COLUMN[field]])) as Pick<typeof COLUMN, Field>;

const DECLARED: Readonly<Record<keyof DeclaredHost, string>> = part(
  (Object.keys(COLUMN) as (keyof DeclaredHost)[]).filter(field => !NOT_DECLARED.has(field)),
);

const selected = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([field, column]) => `${nameOf(column)} as "${field}"`)
    .join(', ');

const COLUMNS = selected(COLUMN);
const COPIED = selected(part(MIRRORED));
const LISTED = selected(part((Object.keys(COLUMN) as (keyof HostRow)[]).filter(field => field !== 'hardware')));

/** The `MIRRORED` part of every host with its conditions, for followers. */
export const HOSTS_NOW: SnapshotQuery = {
  statement: `select ${COPIED},
    coalesce((select json_agg(json_build_object('alarmId', alarm_id, 'instance', instance, 'severity', severity,
      'reasonText', reason_text) order by alarm_id, instance, source) from host_condition where host_id = host.id), '[]') as conditions from host`,
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
  readonly bootId?: string | null;
}

/** What decides whether a beat is news. */
export interface BeatenHost extends Pick<HostRow, 'id' | 'availability' | 'impaired' | 'bootId'> {
  /** What it said before. */
  readonly uptimeBefore: number | null;
}

/** Who a report says it is of. */
export interface Reporter {
  readonly identity: string;
  /** Lower case. */
  readonly managementMac: string | null;
  readonly serialNumber: string | null;
}

/**
 * The host that reports: by its identity; else by its management MAC, by which an operator may have declared it; else it
 * is a machine that is managed by another of its ports since it started again.
 */
export const findReporting = (sql: Sql, { identity, managementMac, serialNumber }: Reporter): Promise<HostRow | null> =>
  one(
    sql,
    `/* hosts.reporting */ select ${COLUMNS} from host where identity = $1 or management_mac = $2
       or (serial_number = $3 and id in (select host_id from host_port where mac = $2 and present))
     order by (identity = $1) desc, (management_mac is not distinct from $2) desc, declared desc, id limit 1`,
    [identity, managementMac, serialNumber],
  );

/** A host that is known by any of these MAC addresses. */
export const findByMacs = (sql: Sql, macs: readonly string[]): Promise<HostRow | null> =>
  one(
    sql,
    `/* hosts.byMacs */ select ${COLUMNS} from host
     where management_mac = any($1::text[]) or identity = any($1::text[])
       or id in (select host_id from host_port where mac = any($1::text[]) and present)
     order by coalesce(management_mac = any($1::text[]), false) or identity = any($1::text[]) desc, declared desc, id
     limit 1`,
    [macs],
  );

export const findByIds = (sql: Sql, ids: readonly string[]): Promise<HostRow[]> =>
  rows(sql, `/* hosts.whole */ select ${COLUMNS} from host where id = any($1::uuid[])`, [ids]);

export const findListed = (sql: Sql, ids: readonly string[]): Promise<ListedHost[]> =>
  rows(sql, `/* hosts.byIds */ select ${LISTED} from host where id = any($1::uuid[])`, [ids]);

export const findHardware = (
  sql: Sql,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly hardware: Hardware | null }[]> =>
  rows(sql, '/* hosts.hardware */ select id, hardware from host where id = any($1::uuid[])', [ids]);

// An unnamed host sorts as '' so that the key is never null.
const KEY = `coalesce(hostname, '')`;

export const keyOfHost = (host: ListedHost): readonly string[] => [host.hostname ?? '', host.id];

export async function listHosts(
  sql: Sql,
  filter: HostFilter,
  page: Page,
): Promise<{ found: ListedHost[]; totalCount: number }> {
  const where = `($1::text is null or hostname ilike $1) and ($2::text is null or personality = $2)
    and ($3::text[] is null or availability = any($3))`;
  const values = [
    filter.hostname ? containing(filter.hostname) : null,
    filter.personality ?? null,
    filter.availability ?? null,
  ];
  const [found, total] = await Promise.all([
    rows<ListedHost>(
      sql,
      `/* hosts.page */ select ${LISTED} from host
       where ${where} and ($4::text is null or (${KEY}, id) > ($4, $5::uuid))
       order by ${KEY}, id limit $6`,
      [...values, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, `/* hosts.count */ select count(*)::int as n from host where ${where}`, values),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

/** Inserts the host or replaces all of it but its id. */
export const saveHost = (sql: Sql, host: HostRow): Promise<unknown> => saveAll(sql, COLUMN, [host]);

/** As operators declare hosts: what only agents and labels say stays as it is. Answers the hosts as they are then. */
export const saveDeclared = (sql: Sql, hosts: readonly DeclaredHost[]): Promise<MirroredHost[]> =>
  saveAll(sql, DECLARED, hosts);

/** All hosts, as far as declarations know them. */
export const findDeclared = (sql: Sql): Promise<DeclaredHost[]> =>
  rows(sql, `/* hosts.declared */ select ${selected(DECLARED)} from host order by ${KEY}, id`);

async function saveAll<Row>(sql: Sql, columns: SqlColumns<Row>, hosts: readonly Row[]): Promise<MirroredHost[]> {
  if (hosts.length === 0) return [];
  const { table, values } = tableOf<Row>(columns, hosts.map(asColumns) as Row[]);
  const names = namesOf(columns as Readonly<Record<string, string>>);
  const replaced = names.filter(name => name !== 'id').map(name => `${name} = excluded.${name}`);
  return rows(
    sql,
    `/* hosts.save */ insert into host (${names.join(', ')}) select ${names.join(', ')} from ${table} as item
     on conflict (id) do update set ${replaced.join(', ')} returning ${COPIED}`,
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

/** Notes the heartbeats; answers the hosts that were found, as they were before. */
export function noteHeartbeats(sql: Sql, beats: readonly Heartbeat[], at: string): Promise<BeatenHost[]> {
  return rows(
    sql,
    `/* hosts.beat */ update host set last_heartbeat_at = $5, uptime_seconds = b.uptime,
       cpu_usage_percent = b.cpu, memory_usage_percent = b.memory
     from unnest($1::uuid[], $2::int[], $3::float8[], $4::float8[]) as b (id, uptime, cpu, memory)
       join host before on before.id = b.id
     where host.id = b.id returning host.id, host.availability, host.impaired, host.boot_id as "bootId",
       before.uptime_seconds as "uptimeBefore"`,
    [
      beats.map(b => b.id),
      beats.map(b => b.uptimeSeconds),
      beats.map(b => b.cpuUsagePercent ?? null),
      beats.map(b => b.memoryUsagePercent ?? null),
      at,
    ],
  );
}
