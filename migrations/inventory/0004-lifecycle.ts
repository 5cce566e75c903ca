import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryLifecycle implements MigrationInterface {
  readonly name = 'InventoryLifecycle1763800000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table host
        add task text,
        add failure text,
        add impaired boolean not null default false,
        add boot_id text,
        add active_controller boolean;
      update host set active_controller = (id = (
        select id from host where personality = 'CONTROLLER' order by operational = 'ENABLED' desc, hostname, id limit 1))
      where personality = 'CONTROLLER';
      create table host_job (
        id uuid not null,
        host_id uuid not null,
        action text not null,
        state text not null,
        step text,
        calls jsonb not null default '[]',
        progress integer not null,
        message text not null,
        requested_at timestamptz(3) not null,
        deadline_at timestamptz(3),
        ended_at timestamptz(3),
        constraint host_job_pk primary key (id)
      );
      create unique index host_job_open on host_job (host_id) where ended_at is null;
      create index host_job_by_host on host_job (host_id, requested_at, id);
      create table agent_task (
        id uuid not null,
        host_id uuid not null,
        job_id uuid not null,
        kind text not null,
        state text not null,
        ordered_at timestamptz(3) not null,
        constraint agent_task_pk primary key (id),
        constraint agent_task_host foreign key (host_id) references host (id) on delete cascade
      );
      create index agent_task_by_host on agent_task (host_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table agent_task;
      drop table host_job;
      alter table host drop task, drop failure, drop impaired, drop boot_id, drop active_controller;
    `);
  }
}
