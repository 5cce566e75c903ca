import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_OUTBOX, DROP_OUTBOX } from '../outbox-tables.ts';

export class FaultsAlarms implements MigrationInterface {
  readonly name = 'FaultsAlarms1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CREATE_OUTBOX);
    await runner.query(`
      create table alarm (
        id uuid not null,
        alarm_id text not null,
        title text,
        severity text not null,
        entity_type_id text,
        entity_instance_id text not null,
        hostname text,
        reason_text text,
        alarm_type text,
        probable_cause text,
        proposed_repair_action text,
        service_affecting boolean,
        management_affecting boolean,
        degrade_affecting boolean,
        acknowledged_at timestamptz(3),
        acknowledged_comment text,
        raised_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        cleared_at timestamptz(3),
        sequence bigint not null,
        constraint alarm_pk primary key (id)
      );
      create unique index alarm_open_key on alarm (alarm_id, entity_instance_id) where (cleared_at is null);
      create index alarm_open_newest on alarm (raised_at, id) where (cleared_at is null);
      create index alarm_open_by_host on alarm (hostname, raised_at, id) where (cleared_at is null);
      create table host_directory (
        id uuid not null,
        hostname text not null,
        constraint host_directory_pk primary key (id)
      );
      create index host_directory_by_name on host_directory (hostname);
      create table followed (
        source text not null,
        epoch uuid,
        sequence bigint not null,
        constraint followed_pk primary key (source)
      );
      insert into followed (source, sequence) values ('inventory', 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table followed; drop table host_directory; drop table alarm;');
    await runner.query(DROP_OUTBOX);
  }
}
