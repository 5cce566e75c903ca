import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryBmc implements MigrationInterface {
  readonly name = 'InventoryBmc1763800000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table bmc_status (
        host_id uuid not null,
        access text not null,
        protocol text,
        power_state text,
        reachable boolean,
        failures integer not null default 0,
        checked_at timestamptz(3),
        last_error text,
        fingerprint text,
        session text,
        subscription jsonb,
        sensors jsonb not null default '[]',
        sensors_at timestamptz(3),
        log_total integer not null default 0,
        log_generation integer not null default 0,
        constraint bmc_status_pk primary key (host_id),
        constraint bmc_status_host foreign key (host_id) references host (id) on delete cascade
      );
      create table bmc_log_entry (
        host_id uuid not null,
        sequence integer not null,
        generation integer not null,
        entry_id text not null,
        at timestamptz(3),
        noted_at timestamptz(3) not null,
        severity text,
        message text not null,
        constraint bmc_log_entry_pk primary key (host_id, sequence),
        constraint bmc_log_entry_once unique (host_id, generation, entry_id),
        constraint bmc_log_entry_host foreign key (host_id) references host (id) on delete cascade
      );
      create table simulated_bmc (
        host_id uuid not null,
        url text not null,
        username text not null,
        sealed text not null,
        constraint simulated_bmc_pk primary key (host_id),
        constraint simulated_bmc_host foreign key (host_id) references host (id) on delete cascade
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table simulated_bmc; drop table bmc_log_entry; drop table bmc_status;');
  }
}
