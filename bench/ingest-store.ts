// The floors of the ingest bench: the rows that the service stored, inserted again in bare statements, into tables with the
// same indexes. One floor is the alarms alone, the other all that a raise stores: alarm, transition and outbox.
import { one, rows, type Sql } from '../subgraphs/runtime/sql.ts';

const ALARM = {
  id: 'uuid',
  alarm_id: 'text',
  title: 'text',
  severity: 'text',
  entity_type_id: 'text',
  entity_instance_id: 'text',
  hostname: 'text',
  reason_text: 'text',
  alarm_type: 'text',
  probable_cause: 'text',
  proposed_repair_action: 'text',
  service_affecting: 'boolean',
  management_affecting: 'boolean',
  degrade_affecting: 'boolean',
  raised_at: 'timestamptz',
  updated_at: 'timestamptz',
  sequence: 'bigint',
};

const TRANSITION = {
  sequence: 'bigint',
  kind: 'text',
  at: 'timestamptz',
  alarm: 'uuid',
  alarm_id: 'text',
  entity_instance_id: 'text',
  hostname: 'text',
  severity: 'text',
  reason_text: 'text',
};

const CHANGE = { sequence: 'bigint', at: 'timestamptz', kind: 'text', entity_id: 'text', row: 'json' };

type Row = Readonly<Record<string, unknown>>;

/** What one call stored. */
export interface Stored {
  readonly alarms: readonly Row[];
  readonly transitions: readonly Row[];
  readonly changes: readonly Row[];
}

export async function makeFloorTables(sql: Sql): Promise<void> {
  for (const table of ['alarm', 'alarm_transition', 'outbox'])
    await rows(sql, `/* bench.table */ create table bench_${table} (like ${table} including all)`);
  await rows(sql, '/* bench.table */ create table bench_alarm_alone (like alarm including all)');
}

/** The rows behind the raises of hosts whose name begins so. */
export async function storedBy(sql: Sql, hostPrefix: string): Promise<Stored> {
  const select = (columns: object, table: string, where: string): Promise<Row[]> =>
    rows(sql, `/* bench.stored */ select ${namesOf(columns)} from ${table} where ${where} order by sequence`, [
      `${hostPrefix}%`,
    ]);
  const changes = await select(CHANGE, 'outbox', `"row"->>'hostname' like $1`);
  return {
    alarms: await select(ALARM, 'alarm', 'hostname like $1'),
    transitions: await select(TRANSITION, 'alarm_transition', 'hostname like $1'),
    changes: changes.map(change => ({ ...change, row: JSON.stringify(change['row']) })),
  };
}

export const insertAlarms = (sql: Sql, { alarms }: Stored): Promise<unknown> =>
  insert(sql, 'bench_alarm_alone', ALARM, alarms);

export async function insertAll(sql: Sql, { alarms, transitions, changes }: Stored): Promise<void> {
  await insert(sql, 'bench_alarm', ALARM, alarms);
  await insert(sql, 'bench_alarm_transition', TRANSITION, transitions);
  await insert(sql, 'bench_outbox', CHANGE, changes);
}

const namesOf = (columns: object): string[] => Object.keys(columns).map(name => `"${name}"`);

function insert(sql: Sql, table: string, columns: Readonly<Record<string, string>>, given: readonly Row[]) {
  const arrays = Object.values(columns).map((type, i) => `$${i + 1}::${type}[]`);
  return rows(
    sql,
    `/* bench.insert */ insert into ${table} (${namesOf(columns)}) select * from unnest(${arrays})`,
    Object.keys(columns).map(name => given.map(row => row[name])),
  );
}

export async function countOf(sql: Sql, table: string): Promise<number> {
  return (await one<{ n: number }>(sql, `/* bench.count */ select count(*)::int as n from ${table}`))!.n;
}
