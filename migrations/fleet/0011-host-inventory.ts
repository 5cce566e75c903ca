import type { MigrationInterface, QueryRunner } from 'typeorm';

// What the mirror knows of hosts grows, and their changes get a log of their own. The mirror of hosts begins anew from a
// snapshot of each region: rows of before do not have the new columns.
export class FleetHostInventory implements MigrationInterface {
  readonly name = 'FleetHostInventory1763800000011';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['mirror_host', 'staged_host'])
      await runner.query(`
        alter table ${table}
          add provisioning text,
          add task text,
          add subfunctions jsonb not null default '[]',
          add manufacturer text,
          add product_name text,
          add labels jsonb not null default '[]',
          add capacity jsonb
      `);
    await runner.query(`
      update region_position set epoch = null, sequence = 0 where source = 'inventory';
      create index mirror_host_by_mac on mirror_host (management_mac);
      create index mirror_host_by_serial on mirror_host (serial_number);
      create index mirror_host_by_label on mirror_host using gin (labels jsonb_path_ops);
      create index mirror_host_by_capacity on mirror_host using gin (capacity jsonb_path_ops);
      alter table feed_head
        add host_position bigint not null default 0,
        add host_oldest bigint not null default 0;
      create table host_log (
        position bigint not null,
        region text not null,
        kind text not null,
        at timestamptz(3) not null,
        host jsonb not null,
        before jsonb not null,
        taken_at timestamptz(3) not null default now(),
        constraint host_log_pk primary key (position)
      );
      create index host_log_by_age on host_log (taken_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table host_log;
      alter table feed_head drop host_position, drop host_oldest;
      drop index mirror_host_by_mac, mirror_host_by_serial, mirror_host_by_label, mirror_host_by_capacity;
    `);
    for (const table of ['mirror_host', 'staged_host'])
      await runner.query(`
        alter table ${table} drop provisioning, drop task, drop subfunctions, drop manufacturer, drop product_name,
          drop labels, drop capacity
      `);
  }
}
