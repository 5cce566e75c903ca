import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FaultsMaintenanceWindows implements MigrationInterface {
  readonly name = 'FaultsMaintenanceWindows1763800000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table alarm add column in_maintenance boolean not null default false;
      create table maintenance_window (
        id uuid not null,
        entity_pattern text,
        "from" timestamptz(3) not null,
        until timestamptz(3) not null,
        reason text not null,
        "by" text,
        at timestamptz(3) not null,
        begun_at timestamptz(3),
        ended_at timestamptz(3),
        ended_by text,
        constraint maintenance_window_pk primary key (id)
      );
      create index maintenance_window_newest on maintenance_window ("from", id);
      create index maintenance_window_open on maintenance_window (until) where (ended_at is null);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table maintenance_window; alter table alarm drop column in_maintenance;');
  }
}
