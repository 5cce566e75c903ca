import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_OUTBOX, DROP_OUTBOX } from '../outbox-tables.ts';

export class InventoryHosts implements MigrationInterface {
  readonly name = 'InventoryHosts1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CREATE_OUTBOX);
    await runner.query(`
      create table host (
        id uuid not null,
        identity text not null,
        hostname text,
        personality text,
        administrative text not null,
        operational text not null,
        availability text not null,
        simulated boolean not null,
        management_mac text,
        management_ip text,
        serial_number text,
        manufacturer text,
        product_name text,
        labels jsonb not null default '[]',
        hardware jsonb not null,
        uptime_seconds integer not null,
        cpu_usage_percent double precision,
        memory_usage_percent double precision,
        last_heartbeat_at timestamptz(3) not null,
        constraint host_pk primary key (id),
        constraint host_identity_unique unique (identity)
      );
      create index host_by_name on host (hostname, id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table host');
    await runner.query(DROP_OUTBOX);
  }
}
