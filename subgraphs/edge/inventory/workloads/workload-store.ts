// All SQL on workloads, their budgets and the evacuations. Knows no rules.
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
import type { DisruptionBudgetRow, WorkloadKind, WorkloadRow, WorkloadSource, WorkloadState } from './workload.ts';
import type { WorkloadHost } from './workload-hosts.ts';

const COLUMN = {
  id: 'id uuid',
  hostId: 'host_id uuid',
  targetId: 'target_id uuid',
  name: 'name text',
  namespace: 'namespace text',
  kind: 'kind text',
  state: 'state text',
  source: 'source text',
  migratable: 'migratable boolean',
  stays: 'stays boolean',
  antiAffinityGroup: 'anti_affinity_group text',
  disruptionGroup: 'disruption_group text',
  cpus: 'cpus float8',
  memoryMiB: 'memory_mib integer',
  hugePagesMiB: 'huge_pages_mib integer',
  gpus: 'gpus integer',
  since: 'since timestamptz',
  readyAt: 'ready_at timestamptz',
} as const satisfies Required<SqlColumns<WorkloadRow>>;

const selected = (prefix = ''): string =>
  Object.entries(COLUMN)
    .map(([field, column]) => `${prefix}${nameOf(column)} as "${field}"`)
    .join(', ');

export interface RegionWorkloadFilter {
  readonly name?: string | null;
  readonly namespace?: string | null;
  readonly kind?: WorkloadKind | null;
  readonly state?: readonly WorkloadState[] | null;
}

export interface WorkloadList {
  readonly found: WorkloadRow[];
  readonly totalCount: number;
}

export const keyOfWorkload = (workload: WorkloadRow): readonly string[] => [workload.name, workload.id];

/** The region's workloads by name. */
export async function listWorkloads(sql: Sql, filter: RegionWorkloadFilter, page: Page): Promise<WorkloadList> {
  const where = `($1::text is null or name ilike $1) and ($2::text is null or namespace = $2)
    and ($3::text is null or kind = $3) and ($4::text[] is null or state = any($4))`;
  const values = [
    filter.name ? containing(filter.name) : null,
    filter.namespace ?? null,
    filter.kind ?? null,
    filter.state ?? null,
  ];
  const [found, total] = await Promise.all([
    rows<WorkloadRow>(
      sql,
      `/* workloads.page */ select ${selected()} from workload
       where ${where} and ($5::text is null or (name, id) > ($5, $6::uuid)) order by name, id limit $7`,
      [...values, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, `/* workloads.count */ select count(*)::int as n from workload where ${where}`, values),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

/** A page of each host's workloads, by name; two statements for any number of hosts. */
export async function listByHost(sql: Sql, hostIds: readonly string[], page: Page): Promise<WorkloadList[]> {
  const [found, totals] = await Promise.all([
    rows<WorkloadRow>(
      sql,
      `/* workloads.byHost */ select page.* from unnest($1::uuid[]) as wanted (host)
       cross join lateral (
         select ${selected()} from workload
         where host_id = wanted.host and ($2::text is null or (name, id) > ($2, $3::uuid))
         order by name, id limit $4
       ) as page`,
      [hostIds, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    rows<{ hostId: string; n: number }>(
      sql,
      `/* workloads.countByHost */ select host_id as "hostId", count(*)::int as n from workload
       where host_id = any($1::uuid[]) group by host_id`,
      [hostIds],
    ),
  ]);
  const counts = new Map(totals.map(({ hostId, n }) => [hostId, n]));
  const lists = new Map<string | null, WorkloadRow[]>(hostIds.map(id => [id, []]));
  for (const workload of found) lists.get(workload.hostId)?.push(workload);
  return hostIds.map(id => ({ found: lists.get(id)!, totalCount: counts.get(id) ?? 0 }));
}

export interface BudgetState {
  readonly group: string;
  readonly minAvailable: number;
  readonly available: number;
}

export const findBudgetStates = (sql: Sql, groups: readonly string[]): Promise<BudgetState[]> =>
  rows(
    sql,
    `/* workloads.budgets */ select b."group", b.min_available as "minAvailable", count(h.id)::int as available
     from disruption_budget b
     left join workload w on w.disruption_group = b."group" and w.state in ('RUNNING', 'MIGRATING')
     left join host h on h.id = w.host_id and h.operational = 'ENABLED'
     where b."group" = any($1::text[]) group by b."group"`,
    [groups],
  );

/** Plans are made and begun one at a time: holds other planners of the region back until the transaction ends. */
export async function lockPlans(sql: Sql): Promise<void> {
  await rows(sql, `/* workloads.lock */ select pg_advisory_xact_lock(hashtext('workloads'))`);
}

export const findAllWorkloads = (sql: Sql): Promise<WorkloadRow[]> =>
  rows(sql, `/* workloads.all */ select ${selected()} from workload`);

export const findAllBudgets = (sql: Sql): Promise<DisruptionBudgetRow[]> =>
  rows(
    sql,
    `/* workloads.allBudgets */ select "group", source, min_available as "minAvailable" from disruption_budget`,
  );

const HOST = `id, hostname, personality, administrative, operational, availability, subfunctions, simulated,
  management_mac as "managementMac", management_ip as "managementIp",
  (hardware->'cpu'->>'threads')::int as threads, hardware->'memory' as memory, hardware->'ports' as ports,
  jsonb_array_length(jsonb_path_query_array(hardware, '$.devices[*] ? (@.kind == "GPU")')) as gpus,
  exists (select from evacuation e where e.host_id = host.id) as evacuating`;

/** All hosts of the region, as far as workloads mind. */
export const findHosts = (sql: Sql): Promise<WorkloadHost[]> =>
  rows(sql, `/* workloads.hosts */ select ${HOST} from host order by id`);

/** Inserts workloads, or replaces all of them but their ids. */
export const saveWorkloads = (sql: Sql, workloads: readonly WorkloadRow[]): Promise<void> =>
  insert(sql, workloads, `do update set ${REPLACED}`);

/** Leaves those that are there as they are. */
export const addWorkloads = (sql: Sql, workloads: readonly WorkloadRow[]): Promise<void> =>
  insert(sql, workloads, 'do nothing');

const NAMES = namesOf(COLUMN);
const REPLACED = NAMES.filter(name => name !== 'id')
  .map(name => `${name} = excluded.${name}`)
  .join(', ');

async function insert(sql: Sql, workloads: readonly WorkloadRow[], onConflict: string): Promise<void> {
  if (workloads.length === 0) return;
  const { table, values } = tableOf<WorkloadRow>(COLUMN, workloads);
  await rows(
    sql,
    `/* workloads.save */ insert into workload (${NAMES.join(', ')}) select ${NAMES.join(', ')} from ${table} as item
     on conflict (id) ${onConflict}`,
    values,
  );
}

export const findIdsOf = async (sql: Sql, source: WorkloadSource): Promise<string[]> =>
  (await rows<{ id: string }>(sql, '/* workloads.idsOf */ select id from workload where source = $1', [source])).map(
    ({ id }) => id,
  );

/** What a source no longer has. */
export async function removeWorkloads(sql: Sql, source: WorkloadSource, ids: readonly string[]): Promise<void> {
  await rows(sql, '/* workloads.remove */ delete from workload where source = $1 and id = any($2::uuid[])', [
    source,
    ids,
  ]);
}

/** All budgets of one source: others of it are gone after this. */
export async function replaceBudgets(
  sql: Sql,
  source: WorkloadSource,
  budgets: ReadonlyMap<string, number>,
): Promise<void> {
  await rows(
    sql,
    `/* workloads.forgetBudgets */ delete from disruption_budget where source = $1 and "group" <> all($2::text[])`,
    [source, [...budgets.keys()]],
  );
  await rows(
    sql,
    `/* workloads.saveBudgets */ insert into disruption_budget ("group", source, min_available)
     select item."group", $1, item.least from unnest($2::text[], $3::int[]) as item ("group", least)
     on conflict ("group") do update set min_available = excluded.min_available, source = excluded.source`,
    [source, [...budgets.keys()], [...budgets.values()]],
  );
}

// ---- what the simulated driver looks for each second

// An agent beats once it has reported all its hosts: only then is it known what kind of region this is.
const SEEDABLE = 'simulated and hostname is not null and personality is not null and cpu_usage_percent is not null';

export interface DueWork {
  /** Something has arrived, or waits for a host. */
  readonly moves: boolean;
  /** Simulated hosts that were not given workloads yet. */
  readonly unseeded: boolean;
}

export async function findDueWork(sql: Sql, at: string): Promise<DueWork> {
  const due = await one<DueWork>(
    sql,
    `/* workloads.due */ select
       exists (select from workload where source = 'SIMULATED' and (ready_at <= $1 or (host_id is null and state in ('RUNNING', 'PENDING')))) as moves,
       exists (select from host where ${SEEDABLE}
         and not exists (select from workload_seed s where s.host_id = host.id)) as unseeded`,
    [at],
  );
  return due!;
}

/** Marks the simulated hosts that were not seeded yet, and answers them. */
export const takeUnseeded = (sql: Sql): Promise<{ hostId: string }[]> =>
  rows(
    sql,
    `/* workloads.seeded */ insert into workload_seed (host_id)
     select id from host where ${SEEDABLE}
     on conflict do nothing returning host_id as "hostId"`,
  );
