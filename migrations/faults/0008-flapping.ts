import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsFlapping implements MigrationInterface {
  readonly name = 'FaultsFlapping1763800000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table alarm add column flapping boolean not null default false;
      create index alarm_flapping on alarm (raised_at) where (flapping and cleared_at is null);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index alarm_flapping; alter table alarm drop column flapping;');
  }
}
