import type { MigrationInterface, QueryRunner } from 'typeorm';

// Null until the host's agent reports again: a few minutes.
export class InventoryCapacity implements MigrationInterface {
  readonly name = 'InventoryCapacity1763800000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table host add capacity jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table host drop capacity');
  }
}
