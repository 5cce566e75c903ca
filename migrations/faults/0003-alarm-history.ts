import type { MigrationInterface, QueryRunner } from 'typeorm';

// The partitions, one a day, are made and dropped by the process itself.
export class FaultsAlarmHistory implements MigrationInterface {
  readonly name = 'FaultsAlarmHistory1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table alarm_transition (
        sequence bigint not null,
        kind text not null,
        at timestamptz(3) not null,
        alarm uuid not null,
        alarm_id text not null,
        entity_instance_id text not null,
        hostname text,
        severity text not null,
        reason_text text,
        "by" text,
        comment text,
        constraint alarm_transition_pk primary key (at, sequence)
      ) partition by range (at);
      create index alarm_transition_by_alarm on alarm_transition (alarm, at, sequence);
      create index alarm_transition_by_entity on alarm_transition (entity_instance_id, at, sequence);
      create index alarm_transition_by_alarm_id on alarm_transition (alarm_id, at, sequence);
      create index alarm_transition_by_host on alarm_transition (hostname, at, sequence);
      create index alarm_cleared on alarm (cleared_at) where (cleared_at is not null);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index alarm_cleared; drop table alarm_transition;');
  }
}
