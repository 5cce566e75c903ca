import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsAlarmComments implements MigrationInterface {
  readonly name = 'FaultsAlarmComments1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table alarm add column acknowledged_by text;
      create index alarm_by_key on alarm (alarm_id, entity_instance_id, cleared_at);
      create table alarm_comment (
        alarm uuid not null,
        sequence bigint not null,
        at timestamptz(3) not null,
        "by" text,
        text text not null,
        constraint alarm_comment_pk primary key (alarm, sequence),
        constraint alarm_comment_alarm_fk foreign key (alarm) references alarm (id) on delete cascade
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table alarm_comment;
      drop index alarm_by_key;
      alter table alarm drop column acknowledged_by;
    `);
  }
}
