// Brings the databases of the stack up to date, as one step on the screen.
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { LaunchError, messageOf } from './launch-error.ts';
import type { Screen } from './screen.ts';

export type Direction = 'up' | 'down';

/** `migrateAll` of subgraphs/migrate.ts. */
export type Migrate = (o: {
  config: Config;
  log: Logger;
  direction: Direction;
  regions: readonly string[];
  onDatabase?: (name: string, ran: number) => void;
}) => Promise<void>;

export interface MigrateStep {
  readonly screen: Screen;
  readonly log: Logger;
  readonly config: Config;
  readonly regions: readonly string[];
  readonly load: () => Promise<Migrate>;
  readonly direction?: Direction;
  /** One line a database instead of a count. */
  readonly tellEach?: boolean;
}

export async function migrateStep(step: MigrateStep): Promise<void> {
  const { screen, log, config, regions, direction = 'up' } = step;
  const verb = direction === 'up' ? 'run' : 'reverted';
  let databases = 0;
  let total = 0;
  const onDatabase = (name: string, ran: number): void => {
    databases++;
    total += ran;
    if (step.tellEach) screen.say(`  ${name}: ${ran === 0 ? 'nothing to do' : `${ran} ${verb}`}`);
  };
  await screen.step(
    'migrations',
    async () => {
      const migrate = await step.load();
      await migrate({ config, log, direction, regions, onDatabase }).catch(error => {
        log.error({ err: error }, 'migration failed');
        throw new LaunchError(
          `The migrations failed: ${messageOf(error)}. What was done before stays; start again to go on`,
          {
            cause: error,
          },
        );
      });
    },
    () => `migrations: ${databases} databases, ${total} ${verb}`,
  );
}
