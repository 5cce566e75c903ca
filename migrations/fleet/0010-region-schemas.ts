import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetRegionSchemas implements MigrationInterface {
  readonly name = 'FleetRegionSchemas1763800000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table region add column schemas jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table region drop column schemas');
  }
}
