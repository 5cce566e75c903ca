import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetRegionsAndMirror implements MigrationInterface {
  readonly name = 'FleetRegionsAndMirror1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table region (
        id text not null,
        name text not null,
        endpoint text not null,
        description text,
        location jsonb,
        group_name text,
        labels jsonb not null default '[]',
        management text not null default 'MANAGED',
        added_at timestamptz(3) not null default now(),
        last_contact_at timestamptz(3),
        contact_reason text,
        constraint region_pk primary key (id)
      );
      create table region_position (
        region text not null,
        source text not null,
        epoch uuid,
        sequence bigint not null,
        constraint region_position_pk primary key (region, source),
        constraint region_position_region_fk foreign key (region) references region (id) on delete cascade
      );
      create table mirror_host (
        id text not null,
        region text not null,
        hostname text,
        personality text,
        administrative text not null,
        operational text not null,
        availability text not null,
        management_mac text,
        serial_number text,
        simulated boolean not null,
        constraint mirror_host_pk primary key (id),
        constraint mirror_host_region_fk foreign key (region) references region (id) on delete cascade
      );
      create index mirror_host_by_name on mirror_host (region, hostname, id);
      create table mirror_alarm (
        id text not null,
        region text not null,
        alarm_id text not null,
        severity text not null,
        severity_rank integer not null,
        entity_instance_id text not null,
        hostname text,
        raised_at timestamptz(3) not null,
        acknowledged boolean not null,
        alarm jsonb not null,
        constraint mirror_alarm_pk primary key (id),
        constraint mirror_alarm_region_fk foreign key (region) references region (id) on delete cascade
      );
      create index mirror_alarm_newest on mirror_alarm (raised_at, id);
      create index mirror_alarm_by_severity on mirror_alarm (severity_rank, raised_at desc, id desc);
      create index mirror_alarm_by_region on mirror_alarm (region, severity);
      create table feed_log (
        position bigint not null,
        region text not null,
        kind text not null,
        at timestamptz(3) not null,
        alarm jsonb,
        constraint feed_log_pk primary key (position)
      );
      create table feed_head (
        one boolean not null default true,
        position bigint not null,
        secret uuid not null default gen_random_uuid(),
        constraint feed_head_pk primary key (one)
      );
      insert into feed_head (position) values (0);
      create table idempotency (
        key text not null,
        operation text not null,
        input text not null,
        answer jsonb not null,
        at timestamptz(3) not null default now(),
        constraint idempotency_pk primary key (key)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table idempotency;
      drop table feed_head;
      drop table feed_log;
      drop table mirror_alarm;
      drop table mirror_host;
      drop table region_position;
      drop table region;
    `);
  }
}
