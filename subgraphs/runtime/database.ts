// Opens one subgraph's part of a database: makes the database and the schema when they are missing, brings the
// migrations up, and hands out a DataSource whose search_path is that schema. Safe when many processes start at once.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { Logger } from '../../runtime/log.ts';
import './sql.ts';

export interface SubgraphTables {
  /** Schema in the database; the subgraph's name. */
  readonly schema: string;
  readonly entities: readonly EntitySchema[];
  /** Oldest first. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

export interface DatabaseDeps {
  /** Any database of the server, as a user that may create databases. */
  readonly url: string;
  readonly database: string;
  readonly tables: SubgraphTables;
  readonly poolSize: number;
  readonly log: Logger;
}

export const centreDatabase = (prefix: string): string => `${prefix}_centre`;

const MAX_NAME = 63; // PostgreSQL cuts longer names silently: two regions would share one database

/** The database of a region. */
export function regionDatabase(prefix: string, region: string): string {
  const name = `${prefix}_region_${region}`;
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(region).digest('hex').slice(0, 12);
  return `${name.slice(0, MAX_NAME - 13)}_${hash}`;
}

export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

export async function openDatabase(deps: DatabaseDeps): Promise<DataSource> {
  await prepareDatabase(deps);
  const dataSource = newDataSource(deps);
  await dataSource.initialize();
  return dataSource;
}

/** Creates what is missing and runs outstanding migrations; answers how many ran. */
export function prepareDatabase(deps: DatabaseDeps): Promise<number> {
  return underLock(deps, async dataSource => (await dataSource.runMigrations()).length);
}

/** Reverts the newest migration. */
export function revertDatabase(deps: DatabaseDeps): Promise<number> {
  return underLock(deps, async dataSource => {
    const before = await countApplied(dataSource);
    if (before > 0) await dataSource.undoLastMigration();
    return before > 0 ? 1 : 0;
  });
}

async function countApplied(dataSource: DataSource): Promise<number> {
  const [row] = (await dataSource.query('/* migrations.count */ select count(*)::int as n from migrations')) as {
    n: number;
  }[];
  return row?.n ?? 0;
}

function newDataSource({ url, database, tables, poolSize, log }: DatabaseDeps): DataSource {
  return new DataSource({
    type: 'postgres',
    url: databaseUrl(url, database),
    entities: [...tables.entities],
    migrations: [...tables.migrations],
    migrationsTransactionMode: 'each',
    installExtensions: false, // gen_random_uuid() is PostgreSQL's own
    poolSize,
    poolErrorHandler: error => log.warn({ err: error, database }, 'database connection lost'),
    // search_path, not TypeORM's `schema`: that moves only its own migrations table
    extra: {
      pipeline: true, // statements that do not wait for each other's answers go out together
      options: `-c search_path=${tables.schema}`,
      application_name: `murmuration ${tables.schema}`,
    },
  });
}

/** One process at a time prepares a schema: an advisory lock, held by a connection of its own. */
async function underLock(deps: DatabaseDeps, work: (dataSource: DataSource) => Promise<number>): Promise<number> {
  await createDatabase(deps);
  const lock = new pg.Client({ connectionString: databaseUrl(deps.url, deps.database) });
  lock.on('error', error => deps.log.warn({ err: error }, 'migration lock connection lost'));
  await lock.connect();
  const { schema } = deps.tables;
  const dataSource = newDataSource({ ...deps, poolSize: 1 });
  try {
    await lock.query(
      "/* migrations.lock */ select pg_advisory_lock(hashtext('murmuration migrations'), hashtext($1))",
      [schema],
    );
    await lock.query(`create schema if not exists ${lock.escapeIdentifier(schema)}`);
    await dataSource.initialize();
    return await work(dataSource);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
    await lock.end();
  }
}

const EXISTS_CODES = new Set(['42P04', '23505']); // duplicate_database; unique_violation when two create it at once

async function createDatabase({ url, database, log }: DatabaseDeps): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', error => log.warn({ err: error }, 'admin connection lost'));
  await admin.connect();
  try {
    const found = await admin.query('/* database.exists */ select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await admin.query(`create database ${admin.escapeIdentifier(database)}`);
  } catch (error) {
    if (!EXISTS_CODES.has((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await admin.end();
  }
}
