// Reads the settings of a command. A mistake in them is told plainly, and the process ends: nobody needs its stack.

import { type Config, ConfigError, type ConfigInput, loadConfig } from '../../runtime/config.ts';
import type { PartMessage } from '../../runtime/part.ts';

/** Flags that stand for settings, by commander's names. */
export interface SettingFlags {
  readonly config?: string;
  readonly data?: string;
  readonly regions?: number;
  readonly gatewayPort?: number;
  readonly fleetPort?: number;
  readonly postgresPort?: number;
  readonly regionPortBase?: number;
}

export function settings(flags: SettingFlags): Config {
  try {
    return loadConfig({ file: flags.config, flags: inputOf(flags) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return endWith(error.message);
  }
}

/** For parts that keep something. */
export function settingsWithDatabase(flags: SettingFlags): Config {
  const config = settings(flags);
  if (config.database.url !== undefined) return config;
  const message =
    'No database: give the settings of a running stack (--config .murmuration/stack.json), or set MURMUR_DATABASE_URL. ' +
    'npm start runs everything with a database of its own.';
  console.error(message);
  return endWith(message);
}

/** Flags left out stay undefined, which loadConfig takes as not set. */
function inputOf(flags: SettingFlags): ConfigInput {
  return {
    data: flags.data,
    gateway: { port: flags.gatewayPort },
    fleet: { port: flags.fleetPort },
    database: { port: flags.postgresPort },
    launcher: { regions: flags.regions, regionPortBase: flags.regionPortBase },
  } as ConfigInput;
}

/** Tells the launcher too, when there is one. */
function endWith(message: string): never {
  process.send?.({ kind: 'failed', message } satisfies PartMessage);
  process.exit(1);
}
