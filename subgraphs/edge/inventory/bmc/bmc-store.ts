// All SQL on what is known of BMCs. Knows no rules.
import { nameOf, one, rows, type Sql, type Columns as SqlColumns } from '../../../runtime/sql.ts';
import type { BmcAccess } from './bmc-access.ts';
import type { BmcStatusRow, SimulatedBmcRow } from './bmc-status.ts';

const COLUMN = {
  hostId: 'host_id uuid',
  access: 'access text',
  protocol: 'protocol text',
  powerState: 'power_state text',
  reachable: 'reachable boolean',
  failures: 'failures integer',
  checkedAt: 'checked_at timestamptz',
  lastError: 'last_error text',
  fingerprint: 'fingerprint text',
  session: 'session text',
  subscription: 'subscription jsonb',
  sensors: 'sensors jsonb',
  sensorsAt: 'sensors_at timestamptz',
  logTotal: 'log_total integer',
  logGeneration: 'log_generation integer',
} as const satisfies Required<SqlColumns<BmcStatusRow>>;

const COLUMNS = Object.entries(COLUMN)
  .map(([field, column]) => `s.${nameOf(column)} as "${field}"`)
  .join(', ');

/** The ways to the BMCs of these hosts, of all when left out; what was learnt of them is `findStatus`'s. */
export const findAccesses = (sql: Sql, hostIds: readonly string[] | null = null): Promise<BmcAccess[]> =>
  rows(
    sql,
    `/* bmc.accesses */ select h.id as "hostId", h.hostname, h.serial_number as "serialNumber",
       case when v.url is null then h.bmc->>'type' else 'REDFISH' end as type, h.bmc->>'ip' as ip,
       coalesce(v.username, h.bmc->>'username') as username,
       case when v.url is null then p.sealed else v.sealed end as "sealedPassword", v.url
     from host h
       left join simulated_bmc v on v.host_id = h.id and h.simulated
       left join bmc_password p on p.host_id = h.id
     where h.bmc is not null and ($1::uuid[] is null or h.id = any($1)) order by h.id`,
    [hostIds],
  );

export const findStatus = (sql: Sql, hostIds: readonly string[]): Promise<BmcStatusRow[]> =>
  rows(sql, `/* bmc.status */ select ${COLUMNS} from bmc_status s where host_id = any($1::uuid[])`, [hostIds]);

/** Hosts of which something is known although they have no BMC any more. */
export const findLeft = (sql: Sql): Promise<{ hostId: string }[]> =>
  rows(
    sql,
    `/* bmc.left */ select s.host_id as "hostId" from bmc_status s join host h on h.id = s.host_id
     where h.bmc is null`,
  );

/** What is known of the BMC at this access; nothing is at first, and when it was another one before. */
export async function beginStatus(sql: Sql, hostId: string, access: string): Promise<BmcStatusRow | null> {
  await rows(
    sql,
    `/* bmc.begin */ insert into bmc_status (host_id, access) select id, $2 from host where id = $1
     on conflict (host_id) do update set access = excluded.access, protocol = null, power_state = null,
       reachable = null, failures = 0, checked_at = null, last_error = null, fingerprint = null, session = null,
       subscription = null, sensors = '[]', sensors_at = null, log_total = 0,
       log_generation = bmc_status.log_generation + 1
     where bmc_status.access <> excluded.access`,
    [hostId, access],
  );
  return (await findStatus(sql, [hostId]))[0] ?? null;
}

type Change = Partial<Omit<BmcStatusRow, 'hostId' | 'access'>>;

/** Changes these fields while the BMC is the one that they were learnt of. */
export async function saveStatus(sql: Sql, { hostId, access }: BmcStatusRow, change: Change): Promise<void> {
  const fields = Object.entries(change) as [keyof Change, unknown][];
  const set = fields.map(([field], i) => `${nameOf(COLUMN[field])} = $${i + 3}`);
  const values = fields.map(([field, value]) =>
    COLUMN[field].endsWith('jsonb') && value !== null ? JSON.stringify(value) : value,
  );
  await rows(sql, `/* bmc.save */ update bmc_status set ${set.join(', ')} where host_id = $1 and access = $2`, [
    hostId,
    access,
    ...values,
  ]);
}

export async function removeStatus(sql: Sql, hostId: string): Promise<void> {
  await rows(sql, '/* bmc.remove */ delete from bmc_status where host_id = $1', [hostId]);
}

export const findSimulated = (sql: Sql, hostId: string): Promise<SimulatedBmcRow | null> =>
  one(
    sql,
    `/* bmc.simulated */ select host_id as "hostId", url, username, sealed from simulated_bmc where host_id = $1`,
    [hostId],
  );

export async function saveSimulated(sql: Sql, bmc: SimulatedBmcRow): Promise<void> {
  await rows(
    sql,
    `/* bmc.saveSimulated */ insert into simulated_bmc (host_id, url, username, sealed) values ($1, $2, $3, $4)
     on conflict (host_id) do update set url = excluded.url, username = excluded.username, sealed = excluded.sealed`,
    [bmc.hostId, bmc.url, bmc.username, bmc.sealed],
  );
}
