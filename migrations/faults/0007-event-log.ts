import type { MigrationInterface, QueryRunner } from 'typeorm';

// The partitions, one a day, are made and dropped by the process itself.
export class FaultsEventLog implements MigrationInterface {
  readonly name = 'FaultsEventLog1763800000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table event (
        id uuid not null,
        sequence bigint not null,
        event_id text not null,
        severity text,
        entity_type_id text not null,
        entity_instance_id text not null,
        hostname text,
        reason_text text,
        occurred_at timestamptz(3),
        at timestamptz(3) not null,
        constraint event_pk primary key (at, sequence)
      ) partition by range (at);
      create index event_by_entity on event (entity_instance_id, at, sequence);
      create index event_by_event_id on event (event_id, at, sequence);
      create index event_by_host on event (hostname, at, sequence);
      create table event_head (
        one boolean not null default true,
        sequence bigint not null,
        constraint event_head_pk primary key (one)
      );
      insert into event_head (sequence) values (0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table event_head; drop table event;');
  }
}
