// The centre's tables filled with a fleet of a given size, and the bare SQL of the pages that the bench asks for.
import { one, rows, type Sql } from '../subgraphs/runtime/sql.ts';

/** Regions `r0000` … in groups of ten, heard just now, with hosts and open alarms spread evenly over them. */
export async function seedFleet(sql: Sql, regions: number, hosts: number, alarms: number): Promise<void> {
  await rows(
    sql,
    `insert into region (id, name, endpoint, group_name, last_contact_at)
     select id, 'Region ' || id, 'http://127.0.0.1:9/' || id, 'group-' || n / 10, now() + interval '1 day'
     from (select n, 'r' || lpad(n::text, 4, '0') as id from generate_series(0, $1 - 1) as n) r`,
    [regions],
  );
  await rows(
    sql,
    `insert into mirror_host (id, region, hostname, personality, administrative, operational, availability, simulated)
     select region || '/' || gen_random_uuid(), region, 'compute-' || n / $1, 'WORKER', 'UNLOCKED', 'ENABLED', 'AVAILABLE', true
     from (select n, 'r' || lpad((n % $1)::text, 4, '0') as region from generate_series(0, $2 - 1) as n) h`,
    [regions, hosts],
  );
  await rows(sql, SEED_ALARMS, [regions, hosts, alarms]);
  await rows(sql, 'analyze');
}

// Every place of the list is drawn from a hash of the number, so that each fleet holds the same alarms.
const SEED_ALARMS = `insert into mirror_alarm (id, region, alarm_id, severity, severity_rank, entity_instance_id, hostname,
    raised_at, acknowledged, suppressed, masked, alarm)
  select a.region || '/' || a.id, a.region, a.alarm_id, a.severity,
    array_position(array['CRITICAL', 'MAJOR', 'MINOR', 'WARNING'], a.severity), a.entity, a.hostname, a.raised_at,
    a.acknowledged, a.suppressed, a.masked,
    jsonb_build_object('id', a.id, 'alarmId', a.alarm_id, 'title', 'File system threshold exceeded', 'severity', a.severity,
      'entityTypeId', 'host=<hostname>.filesystem=<mount-dir>', 'entityInstanceId', a.entity, 'hostname', a.hostname,
      'reasonText', 'Usage of file system /var/lib/docker' || a.n || ' is 93.0 %; the major threshold is 90 %',
      'alarmType', 'operational-violation', 'probableCause', 'threshold-crossed',
      'proposedRepairAction', 'Remove what is not needed, or give the file system more room.', 'serviceAffecting', false,
      'managementAffecting', true, 'degradeAffecting', false,
      'acknowledgedAt', case when a.acknowledged then at end, 'acknowledgedBy', case when a.acknowledged then 'ada' end,
      'acknowledgedComment', null, 'suppressed', a.suppressed, 'masked', a.masked, 'raisedAt', at, 'updatedAt', at,
      'clearedAt', null, 'sequence', a.n::text)
  from (
    select n, region, gen_random_uuid()::text as id, '100.' || 100 + h % 40 as alarm_id,
      case when h % 100 < 5 then 'CRITICAL' when h % 100 < 30 then 'MAJOR' when h % 100 < 80 then 'MINOR' else 'WARNING' end as severity,
      'host=' || hostname || '.filesystem=/var/lib/docker' || n as entity, hostname, raised_at,
      to_char(raised_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
      h % 10 = 0 as acknowledged, h % 53 = 0 as suppressed, h % 101 = 0 as masked
    from (
      select n, abs(hashint4(n)) as h, 'r' || lpad((n % $2 % $1)::text, 4, '0') as region,
        'compute-' || n % $2 / $1 as hostname, date_trunc('milliseconds', now() - n * interval '700 ms') as raised_at
      from generate_series(0, $3 - 1) as n
    ) drawn
  ) a`;

/** Holds the mirror's leadership for as long as the connection lives: the regions of this bench are not there to follow. */
export const holdLeadership = (sql: Sql): Promise<unknown> =>
  rows(sql, "select pg_advisory_lock(hashtext('murmuration mirror'))");

export interface BareList {
  /** Conditions on `mirror_alarm m`, with its values written in. */
  readonly where: string;
  readonly orderBy: 'NEWEST_FIRST' | 'SEVERITY';
}

const ORDER: Readonly<Record<BareList['orderBy'], string>> = {
  NEWEST_FIRST: 'm.raised_at desc, m.id desc',
  SEVERITY: 'm.severity_rank, m.raised_at desc, m.id desc',
};

const SHOWN = 'not m.suppressed and not m.masked';

export const barePage = (sql: Sql, { where, orderBy }: BareList, first: number): Promise<unknown[]> =>
  rows(
    sql,
    `select m.id, m.region, m.alarm from mirror_alarm m where ${SHOWN} and ${where} order by ${ORDER[orderBy]} limit ${first + 1}`,
  );

/** A filter as a client gives it and as one would write it by hand. */
export const FILTERED: readonly [name: string, filter: object, where: string][] = [
  ['critical', { severities: ['CRITICAL'] }, "m.severity = 'CRITICAL'"],
  ['a region', { regions: ['r0003'] }, "m.region = 'r0003'"],
  ['a group', { groups: ['group-0'] }, "m.region in (select id from region where group_name = 'group-0')"],
  ['a host', { hosts: ['compute-7'] }, "m.hostname = 'compute-7'"],
  ['an alarm id', { alarmIds: ['100.117'] }, "m.alarm_id = '100.117'"],
  ['not acknowledged', { acknowledged: false }, 'not m.acknowledged'],
  ['text, seldom', { text: 'docker249' }, textOf('docker249')],
  ['text, often', { text: 'THRESHOLD' }, textOf('threshold')],
];

function textOf(text: string): string {
  const parts = ['m.entity_instance_id', "m.alarm->>'reasonText'", "m.alarm->>'title'"];
  return `(${parts.map(part => `${part} ilike '%${text}%'`).join(' or ')})`;
}

export interface PageEnd {
  readonly id: string;
  readonly raisedAt: string;
  readonly severityRank: number;
}

/** The last alarm of a page far into the list: what its cursor says. */
export async function endOfPage(sql: Sql, { where, orderBy }: BareList, offset: number): Promise<PageEnd> {
  const end = await one<PageEnd>(
    sql,
    `select m.id, m.alarm->>'raisedAt' as "raisedAt", m.severity_rank as "severityRank" from mirror_alarm m
     where ${SHOWN} and ${where} order by ${ORDER[orderBy]} limit 1 offset ${offset - 1}`,
  );
  return end!;
}

export const bareCount = (sql: Sql, { where }: BareList): Promise<unknown[]> =>
  rows(sql, `select count(*)::int as n from mirror_alarm m where ${SHOWN} and ${where}`);

/** Counts by region and severity of everything, as one statement. */
export const bareSummary = (sql: Sql): Promise<unknown[]> =>
  rows(
    sql,
    `select region, severity, count(*)::int as n from mirror_alarm m where ${SHOWN} and origin = 'REGION' group by region, severity`,
  );
