// Gives the stack its PostgreSQL: the configured one, or an embedded one on the data folder.

import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Config } from '../runtime/config.ts';
import type { DataFolder } from './data-folder.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { LaunchError, messageOf } from './launch-error.ts';
import { openLogFile } from './part-process.ts';
import { stopOrphan } from './postgres-pidfile.ts';
import { elsewhere, isElsewhere } from './postgres-place.ts';
import { connectionsFor } from './stack-plan.ts';
import { hostOf } from './summary.ts';

/** Starts the server of a data folder and keeps in mind where its files are. */
export async function startOn(folder: DataFolder, config: Config, regions: number): Promise<EmbeddedPostgres> {
  const log = path.join(folder.logs, 'postgres.log');
  fs.closeSync(openLogFile(log)); // sets an overgrown one aside
  const server = await startEmbeddedPostgres({
    folder: folder.postgres,
    place: folder.postgresPlace(),
    port: config.database.port,
    maxConnections: connectionsFor(regions, config.database.poolSize),
    log,
  });
  folder.notePostgres(server.place);
  return server;
}

/** What a launcher that was killed may have left running on this folder. */
export async function stopOrphans(folder: DataFolder): Promise<void> {
  for (const place of [folder.postgres, `${elsewhere(folder.postgres)}/postgres`]) await stopOrphan(place);
}

export function describeServer(folder: DataFolder, { version, port, place }: EmbeddedPostgres): string {
  const away = isElsewhere(folder.postgres, place)
    ? `, files in ${place} (it does not run as root, and no other user may enter ${folder.path})`
    : '';
  return `PostgreSQL ${version} on ${port}${away}`;
}

const OLDEST = 150_000; // PostgreSQL 15, as server_version_num has it

/** Says now, and in one line, what otherwise every part would say in its log. */
export async function checkOwnDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // a connection that breaks after the answer does not matter
  try {
    await client.connect();
    const { rows } = await client.query(
      "/* launcher.version */ SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number",
    );
    if (rows[0].number < OLDEST) throw new LaunchError(`is PostgreSQL ${rows[0].version}; 15 or newer is needed`);
    return rows[0].version;
  } catch (error) {
    const why = error instanceof LaunchError ? error.message : `does not answer (${messageOf(error)})`;
    throw new LaunchError(
      `The database at ${hostOf(url)} ${why}: correct MURMUR_DATABASE_URL, or leave it out to use the embedded one`,
    );
  } finally {
    await client.end().catch(() => {}); // it may never have been connected
  }
}
