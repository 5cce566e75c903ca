import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryWorkloads implements MigrationInterface {
  readonly name = 'InventoryWorkloads1763800000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table workload (
        id uuid not null,
        host_id uuid,
        target_id uuid,
        name text not null,
        namespace text,
        kind text not null,
        state text not null,
        source text not null,
        migratable boolean not null,
        stays boolean not null,
        anti_affinity_group text,
        disruption_group text,
        cpus double precision not null,
        memory_mib integer not null,
        huge_pages_mib integer not null,
        gpus integer not null,
        since timestamptz(3) not null,
        ready_at timestamptz(3),
        constraint workload_pk primary key (id),
        constraint workload_host foreign key (host_id) references host (id) on delete set null,
        constraint workload_target foreign key (target_id) references host (id) on delete set null
      );
      create index workload_by_host on workload (host_id, name, id);
      create index workload_by_name on workload (name, id);
      create table disruption_budget (
        "group" text not null,
        source text not null,
        min_available integer not null,
        constraint disruption_budget_pk primary key ("group")
      );
      create table workload_seed (
        host_id uuid not null,
        constraint workload_seed_pk primary key (host_id),
        constraint workload_seed_host foreign key (host_id) references host (id) on delete cascade
      );
      create table evacuation (
        host_id uuid not null,
        asked_at timestamptz(3) not null,
        constraint evacuation_pk primary key (host_id),
        constraint evacuation_host foreign key (host_id) references host (id) on delete cascade
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table evacuation, workload_seed, disruption_budget, workload');
  }
}
