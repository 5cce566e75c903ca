import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryConditions implements MigrationInterface {
  readonly name = 'InventoryConditions1763800000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table host_condition (
        host_id uuid not null,
        source text not null,
        alarm_id text not null,
        instance text not null,
        severity text not null,
        reason_text text not null,
        since timestamptz(3) not null,
        constraint host_condition_pk primary key (host_id, source, alarm_id, instance),
        constraint host_condition_host foreign key (host_id) references host (id) on delete cascade
      );
      create table host_recovery (
        host_id uuid not null,
        attempts jsonb not null default '[]',
        gave_up boolean not null default false,
        constraint host_recovery_pk primary key (host_id),
        constraint host_recovery_host foreign key (host_id) references host (id) on delete cascade
      );
      create table heartbeat_storm (
        one boolean not null default true,
        since timestamptz(3) not null,
        expired boolean not null default false,
        constraint heartbeat_storm_pk primary key (one)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table heartbeat_storm; drop table host_recovery; drop table host_condition;');
  }
}
