// All SQL on snapshots of regions: staged page by page, then compared with the mirror and put in its place, as sets.
import { makeId } from '../../../../schema/identity.ts';
import type { SnapshotRow } from '../../../runtime/change-lines.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { Differences } from '../alignment/alignment.ts';
import {
  ALARM_ARRAYS,
  ALARM_COLUMNS,
  alarmArrays,
  HOST_ARRAYS,
  HOST_COLUMNS,
  hostArrays,
  hostRow,
} from './mirror-columns.ts';
import type { SentAlarm, SentHost } from './mirror-rows.ts';

export type MirroredSource = 'inventory' | 'faults';

/** A snapshot under way. */
export interface SnapshotKey {
  readonly source: MirroredSource;
  readonly region: string;
  readonly snapshot: string;
}

interface Tables {
  readonly mirror: string;
  readonly staged: string;
  readonly columns: string;
  readonly arrays: string;
  /** Which rows of the mirror (m) are the region's own. */
  readonly own: string;
  /** When a row of the mirror (m) contradicts the staged one (s). */
  readonly differs: string;
  values(region: string, sent: readonly SnapshotRow[]): unknown[];
}

const except = (columns: string, left: readonly string[]): string[] =>
  columns.split(/,\s+/).filter(column => !left.includes(column));
const differing = (columns: readonly string[]): string =>
  `(${columns.map(c => `m.${c}`)}) is distinct from (${columns.map(c => `s.${c}`)})`;

const TABLES: Readonly<Record<MirroredSource, Tables>> = {
  faults: {
    mirror: 'mirror_alarm',
    staged: 'staged_alarm',
    columns: ALARM_COLUMNS,
    arrays: ALARM_ARRAYS,
    own: `m.origin = 'REGION'`,
    // what the mirror's row does not have is not contradicted: a region that was updated may say more than before;
    // a note belongs to a change, not to the alarm
    differs: `${differing(except(ALARM_COLUMNS, ['id', 'alarm']))} or not s.alarm @> (m.alarm - 'note')`,
    values: (region, sent) =>
      alarmArrays(sent.map(({ entityId, row }) => ({ id: makeId(region, entityId), region, alarm: row as SentAlarm }))),
  },
  inventory: {
    mirror: 'mirror_host',
    staged: 'staged_host',
    columns: HOST_COLUMNS,
    arrays: HOST_ARRAYS,
    own: 'true',
    differs: differing(except(HOST_COLUMNS, ['id'])),
    values: (region, sent) => hostArrays(sent.map(({ entityId, row }) => hostRow(region, entityId, row as SentHost))),
  },
};

export async function stage(sql: Sql, { source, region, snapshot }: SnapshotKey, sent: readonly SnapshotRow[]) {
  const { staged, columns, arrays, values } = TABLES[source];
  const given = values(region, sent);
  await rows(
    sql,
    `/* mirror.stage */ insert into ${staged} (${columns}, snapshot)
     select s.*, $${given.length + 1}::uuid from unnest(${arrays}) as s`,
    [...given, snapshot],
  );
}

/** Of any snapshot of the region: what was left behind by one that broke off, too. */
export async function forgetStaged(sql: Sql, { source, region }: SnapshotKey): Promise<void> {
  await rows(sql, `/* mirror.forgetStaged */ delete from ${TABLES[source].staged} where region = $1`, [region]);
}

export async function countStaged(sql: Sql, { source, snapshot }: SnapshotKey): Promise<number> {
  const text = `/* mirror.countStaged */ select count(*)::int as n from ${TABLES[source].staged} where snapshot = $1`;
  return (await one<{ n: number }>(sql, text, [snapshot]))!.n;
}

/** How the mirror's rows differ from the staged ones. */
export async function compare(sql: Sql, { source, region, snapshot }: SnapshotKey): Promise<Differences> {
  const { mirror, staged, own, differs } = TABLES[source];
  const found = await one<Differences>(
    sql,
    `/* mirror.compare */ with difference as (
       select coalesce(m.id, s.id) as id, m.id is null as missing, s.id is null as extra
       from (select * from ${mirror} m where m.region = $1 and ${own}) m
       full join (select * from ${staged} where snapshot = $2) s on s.id = m.id
       where m.id is null or s.id is null or ${differs})
     select count(*) filter (where missing)::int as missing, count(*) filter (where extra)::int as extra,
       count(*) filter (where not missing and not extra)::int as changed,
       coalesce((array_agg(id order by id))[1:3], '{}') as examples
     from difference`,
    [region, snapshot],
  );
  return found!;
}

/** Makes the mirror's rows of the region what is staged; rows that are so already are not touched. */
export async function replace(sql: Sql, { source, region, snapshot }: SnapshotKey): Promise<void> {
  const { mirror, staged, columns, own } = TABLES[source];
  const names = except(columns, ['id']);
  await rows(
    sql,
    `/* mirror.removeExtra */ delete from ${mirror} m where m.region = $1 and ${own}
       and not exists (select 1 from ${staged} s where s.snapshot = $2 and s.id = m.id)`,
    [region, snapshot],
  );
  await rows(
    sql,
    `/* mirror.replace */ insert into ${mirror} as m (${columns})
     select ${columns} from ${staged} where snapshot = $1 order by id
     on conflict (id) do update set ${names.map(name => `${name} = excluded.${name}`)}
     where (${names.map(name => `m.${name}`)}) is distinct from (${names.map(name => `excluded.${name}`)})`,
    [snapshot],
  );
}

/** Tells feeds the region's list as it is now, the centre's own alarm of it included; answers how many events that are. */
export async function tellList(sql: Sql, region: string, after: bigint, at: string): Promise<number> {
  const told = await one<{ n: number }>(
    sql,
    `/* feed.appendList */ with list as (
       select row_number() over (order by raised_at, id) as n, alarm from mirror_alarm where region = $1),
     told as (
       insert into feed_log (position, region, kind, at, alarm)
       select $2, $1, 'LIST_REBUILT', $3::timestamptz, null::jsonb
       union all select $2 + n, $1, 'SNAPSHOT', $3, alarm from list
       union all select $2 + 1 + (select count(*) from list), $1, 'ALIGNED', $3, null
       returning 1)
     select count(*)::int as n from told`,
    [region, String(after + 1n), at],
  );
  return told!.n;
}

export async function hasAlarms(sql: Sql, region: string): Promise<boolean> {
  const text = '/* mirror.hasAlarms */ select exists (select 1 from mirror_alarm where region = $1) as there';
  return (await one<{ there: boolean }>(sql, text, [region]))!.there;
}
