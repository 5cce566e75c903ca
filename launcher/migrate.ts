// `murmur migrate`: the databases of a data folder, or of a configured server, without the rest of the stack. Uses the server
// of a running stack; else starts one for as long as it takes.
import fs from 'node:fs';
import path from 'node:path';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { openDataFolder, STACK_FILE } from './data-folder.ts';
import { checkOwnDatabase, describeServer, startOn, stopOrphans } from './database.ts';
import { holderOf } from './folder-lock.ts';
import { LaunchError } from './launch-error.ts';
import { type Direction, type Migrate, migrateStep } from './migrate-step.ts';
import { regionIds } from './region-names.ts';
import type { Screen } from './screen.ts';
import { hostOf } from './summary.ts';

export interface MigrateDeps {
  readonly config: Config;
  readonly screen: Screen;
  readonly log: Logger;
  readonly direction: Direction;
  readonly loadMigrate: () => Promise<Migrate>;
}

export async function migrateDatabases(deps: MigrateDeps): Promise<void> {
  const { url } = deps.config.database;
  const data = path.resolve(deps.config.data);
  const holder = fs.existsSync(data) ? holderOf(data) : null;
  if (url !== undefined) await migrateAt(deps, url, []);
  else if (holder) await migrateRunning(deps, data, holder.pid);
  else await migrateStopped(deps, data);
}

async function migrateAt(deps: MigrateDeps, url: string, known: readonly string[]): Promise<void> {
  await deps.screen.step(
    'database',
    () => checkOwnDatabase(url),
    version => `PostgreSQL ${version} at ${hostOf(url)}`,
  );
  await migrateWith(deps, url, known);
}

async function migrateWith(deps: MigrateDeps, url: string, known: readonly string[]): Promise<void> {
  const { screen, log, direction, loadMigrate: load } = deps;
  const config: Config = { ...deps.config, database: { ...deps.config.database, url } };
  const regions = regionsOf(config, known);
  await migrateStep({ screen, log, config, regions, load, direction, tellEach: true });
}

async function migrateRunning(deps: MigrateDeps, data: string, pid: number): Promise<void> {
  const stack = readStack(data);
  const url = stack?.database?.url;
  if (url === undefined)
    throw new LaunchError(
      `Murmuration (pid ${pid}) is just starting on ${data}: it migrates by itself; try again when it is up`,
    );
  deps.screen.say(`  Murmuration runs on ${data} (pid ${pid}): its server is used`);
  await migrateAt(deps, url, Object.keys(stack?.doors ?? {}));
}

async function migrateStopped(deps: MigrateDeps, data: string): Promise<void> {
  const folder = openDataFolder({ folder: data });
  try {
    await stopOrphans(folder);
    const known = Object.keys(readStack(data)?.doors ?? {});
    const count = regionsOf(deps.config, known).length;
    const server = await deps.screen.step(
      'PostgreSQL',
      () => startOn(folder, deps.config, count),
      started => describeServer(folder, started),
    );
    try {
      await migrateWith(deps, server.url, known);
    } finally {
      await server.stop();
    }
  } finally {
    folder.release();
  }
}

/** The configured regions and those of the last run: more than the default once ran here. */
const regionsOf = ({ doors, launcher }: Config, known: readonly string[]): string[] => {
  const configured = Object.keys(doors);
  return [...new Set([...(configured.length > 0 ? configured : regionIds(launcher.regions)), ...known])];
};

function readStack(data: string): Partial<Config> | null {
  const file = path.join(data, STACK_FILE);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Partial<Config>) : null;
}
