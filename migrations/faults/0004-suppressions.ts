import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsSuppressions implements MigrationInterface {
  readonly name = 'FaultsSuppressions1763800000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table alarm add column suppressed boolean not null default false;
      create table suppression (
        id uuid not null,
        alarm_id text not null,
        entity_pattern text,
        reason text not null,
        "by" text,
        at timestamptz(3) not null,
        until timestamptz(3),
        constraint suppression_pk primary key (id)
      );
      create index suppression_by_alarm_id on suppression (alarm_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table suppression; alter table alarm drop column suppressed;');
  }
}
