// `murmur migrate`: hands the settings to the launcher's migration of all databases.
import { migrateDatabases } from '../../launcher/migrate.ts';
import { createScreen } from '../../launcher/screen.ts';
import { explain } from '../../launcher/up.ts';
import { openLog } from '../../runtime/log.ts';
import { type SettingFlags, settings } from './settings.ts';

export async function runMigrate(flags: SettingFlags & { down?: boolean }): Promise<void> {
  const config = settings(flags);
  const screen = createScreen({ out: process.stdout });
  try {
    await migrateDatabases({
      config,
      screen,
      log: openLog({ log: { level: 'warn' } }, { part: 'migrate' }), // the lines on the screen say the rest
      direction: flags.down ? 'down' : 'up',
      loadMigrate: async () => (await import('../../subgraphs/migrate.ts')).migrateAll,
    });
    process.exit(0);
  } catch (error) {
    screen.fail(explain(error));
    process.exit(1);
  }
}
