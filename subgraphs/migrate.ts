// Brings the databases of the centre and of every region up, or takes the newest migration of each back.
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { fleetTables } from './central/fleet/tables.ts';
import { faultsTables } from './edge/faults/tables.ts';
import { inventoryTables } from './edge/inventory/tables.ts';
import { softwareTables } from './edge/software/tables.ts';
import {
  centreDatabase,
  prepareDatabase,
  regionDatabase,
  revertDatabase,
  type SubgraphTables,
} from './runtime/database.ts';

export const edgeTables: readonly SubgraphTables[] = [inventoryTables, faultsTables, softwareTables];
export const centreTables: readonly SubgraphTables[] = [fleetTables];

export interface MigrateDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly direction: 'up' | 'down';
  readonly regions: readonly string[];
  /** Told after each database, with how many migrations ran in it. */
  readonly onDatabase?: (name: string, ran: number) => void;
}

export async function migrateAll({ config, log, direction, regions, onDatabase }: MigrateDeps): Promise<void> {
  const url = config.database.url;
  if (url === undefined) throw new Error('No database: set database.url (MURMUR_DATABASE_URL) to a PostgreSQL server.');
  const { prefix } = config.database;
  const run = direction === 'up' ? prepareDatabase : revertDatabase;
  const databases = [
    { database: centreDatabase(prefix), parts: centreTables },
    ...regions.map(region => ({ database: regionDatabase(prefix, region), parts: edgeTables })),
  ];
  for (const { database, parts } of databases) {
    let ran = 0;
    for (const tables of parts) ran += await run({ url, database, tables, poolSize: 1, log });
    onDatabase?.(database, ran);
  }
}
