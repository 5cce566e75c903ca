import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetHiddenAlarms implements MigrationInterface {
  readonly name = 'FleetHiddenAlarms1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table mirror_alarm add column suppressed boolean not null default false;
      alter table mirror_alarm add column masked boolean not null default false;
      update mirror_alarm set suppressed = coalesce((alarm->>'suppressed')::boolean, false),
        masked = coalesce((alarm->>'masked')::boolean, false);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table mirror_alarm drop column suppressed, drop column masked');
  }
}
