import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetMaintenance implements MigrationInterface {
  readonly name = 'FleetMaintenance1763800000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table mirror_alarm add column in_maintenance boolean not null default false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table mirror_alarm drop column in_maintenance');
  }
}
