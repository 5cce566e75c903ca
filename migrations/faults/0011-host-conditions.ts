import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsHostConditions implements MigrationInterface {
  readonly name = 'FaultsHostConditions1763800000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table host_conditions (
        host_id uuid not null,
        conditions jsonb not null,
        constraint host_conditions_pk primary key (host_id)
      );
      create table condition_alarm (
        alarm uuid not null,
        constraint condition_alarm_pk primary key (alarm),
        constraint condition_alarm_alarm foreign key (alarm) references alarm (id) on delete cascade
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table condition_alarm; drop table host_conditions;');
  }
}
