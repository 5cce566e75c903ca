import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsMasking implements MigrationInterface {
  readonly name = 'FaultsMasking1763800000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table alarm add column masked boolean not null default false;');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table alarm drop column masked;');
  }
}
