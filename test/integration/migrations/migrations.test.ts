// Every subgraph's migrations, up and down on a real database, and that the entities describe what they make.
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { describe, expect, inject, test } from 'vitest';
import { centreTables, edgeTables, migrateAll } from '../../../subgraphs/migrate.ts';
import {
  centreDatabase,
  databaseUrl,
  prepareDatabase,
  regionDatabase,
  revertDatabase,
  type SubgraphTables,
} from '../../../subgraphs/runtime/database.ts';
import { quiet, testConfig, uniquePrefix } from '../../support/settings.ts';

const SUBGRAPHS: [name: string, tables: SubgraphTables][] = [...centreTables, ...edgeTables].map(t => [t.schema, t]);
const url = inject('databaseUrl');

const deps = (tables: SubgraphTables, database = uniquePrefix()) => ({
  url,
  database,
  tables,
  poolSize: 1,
  log: quiet,
});

async function rows(database: string, text: string, parameters: unknown[] = []): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: databaseUrl(url, database) });
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** All that a schema holds, column by column, index by index, constraint by constraint. */
const shapeOf = (database: string, schema: string) =>
  rows(
    database,
    `select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(' ' || column_default, '') as line
     from information_schema.columns where table_schema = $1 and table_name <> 'migrations'
     union all select indexdef from pg_indexes where schemaname = $1 and tablename <> 'migrations'
     union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
       where connamespace = $1::regnamespace and conrelid::regclass::text not like '%migrations'
     order by line`,
    [schema],
  );

describe.each(SUBGRAPHS)('the migrations of %s', (schema, tables) => {
  test('run once, come back whole, and make the same again', async () => {
    const given = deps(tables);
    expect(await prepareDatabase(given)).toBe(tables.migrations.length);
    expect(await prepareDatabase(given)).toBe(0);
    const shape = await shapeOf(given.database, schema);
    expect(shape.length).toBeGreaterThan(10);
    for (const _ of tables.migrations) expect(await revertDatabase(given)).toBe(1);
    expect(await revertDatabase(given)).toBe(0);
    expect(await shapeOf(given.database, schema)).toEqual([]);
    await prepareDatabase(given);
    expect(await shapeOf(given.database, schema)).toEqual(shape);
  });

  test('leave nothing for the entities to change', async () => {
    const given = deps(tables);
    await prepareDatabase(given);
    const dataSource = new DataSource({
      type: 'postgres',
      url: databaseUrl(url, given.database),
      schema,
      entities: [...tables.entities],
      installExtensions: false,
      extra: { options: `-c search_path=${schema}` },
    });
    await dataSource.initialize();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    await dataSource.destroy();
    expect(upQueries.map(query => query.query)).toEqual([]);
  });

  test('carry names in the order in which they run', () => {
    const names = tables.migrations.map(Migration => new Migration().name!);
    const stamps = names.map(name => Number(name.slice(-13)));
    expect(stamps.every(Number.isSafeInteger)).toBe(true);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('all databases of an installation', () => {
  const countOf = (all: readonly SubgraphTables[]) => all.reduce((sum, tables) => sum + tables.migrations.length, 0);
  const order = async (direction: 'up' | 'down', config = testConfig()) => {
    const ran: [string, number][] = [];
    const regions = ['accra-1', 'lagos-1'];
    await migrateAll({ config, log: quiet, direction, regions, onDatabase: (name, n) => ran.push([name, n]) });
    return { config, ran };
  };

  test('are brought up and taken back one by one, and it is told how much was done in each', async () => {
    const { config, ran } = await order('up');
    const { prefix } = config.database;
    expect(ran).toEqual([
      [centreDatabase(prefix), countOf(centreTables)],
      [regionDatabase(prefix, 'accra-1'), countOf(edgeTables)],
      [regionDatabase(prefix, 'lagos-1'), countOf(edgeTables)],
    ]);
    expect((await order('up', config)).ran.map(([, n]) => n)).toEqual([0, 0, 0]);
    expect((await order('down', config)).ran.map(([, n]) => n)).toEqual([1, 3, 3]);
  });
});

describe("a region's database", () => {
  const long = (end: string) => `r${'a'.repeat(60)}${end}`;

  test('of long ids is another one for each: PostgreSQL would cut both names to the same', async () => {
    const prefix = `p${randomBytes(10).toString('hex')}`;
    const names = [long('1'), long('2')].map(id => regionDatabase(prefix, id));
    expect(names[0]).not.toBe(names[1]);
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
    for (const database of names) await prepareDatabase(deps(edgeTables[2]!, database));
    const found = await rows('postgres', 'select datname from pg_database where datname = any($1)', [names]);
    expect(found).toHaveLength(2);
  });

  test('of a short id is named after it', () => {
    expect(regionDatabase('murmuration', 'lagos-1')).toBe('murmuration_region_lagos-1');
  });
});
