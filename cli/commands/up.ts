// `murmur up`: hands the settings and the real terminal to the launcher.
import { ownEntry } from '../../launcher/own-process.ts';
import { createScreen } from '../../launcher/screen.ts';
import { up } from '../../launcher/up.ts';
import { type SettingFlags, settings } from './settings.ts';

export interface UpFlags extends SettingFlags {
  readonly fresh?: boolean;
  readonly supervise: boolean;
}

export async function runUp(flags: UpFlags): Promise<void> {
  const config = settings(flags);
  const code = await up({
    config,
    fresh: flags.fresh ?? false,
    supervise: flags.supervise,
    entry: ownEntry(),
    screen: createScreen({ out: process.stdout }),
    loadMigrate: async () => (await import('../../subgraphs/migrate.ts')).migrateAll,
  });
  process.exit(code);
}
