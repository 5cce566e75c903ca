import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryConfigurationFailures implements MigrationInterface {
  readonly name = 'InventoryConfigurationFailures1763800000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table host_configuration add failures jsonb not null default '[]'`);
  }

  // Orders that an older release does not know would wait for ever in it.
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from agent_task where state = 'WAITING' or kind = 'APPLY_CONFIGURATION';
      alter table host_configuration drop failures;
    `);
  }
}
