import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OUTBOX_AS_JSON, OUTBOX_AS_JSONB } from '../outbox-json.ts';

export class InventoryOutboxJson implements MigrationInterface {
  readonly name = 'InventoryOutboxJson1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_AS_JSON);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_AS_JSONB);
  }
}
