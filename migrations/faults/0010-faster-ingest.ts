import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OUTBOX_AS_JSON, OUTBOX_AS_JSONB } from '../outbox-json.ts';

export class FaultsFasterIngest implements MigrationInterface {
  readonly name = 'FaultsFasterIngest1763800000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTBOX_AS_JSON);
    await runner.query('drop index alarm_transition_by_alarm');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('create index alarm_transition_by_alarm on alarm_transition (alarm, at, sequence)');
    await runner.query(OUTBOX_AS_JSONB);
  }
}
