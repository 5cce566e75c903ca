import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryProvisioning implements MigrationInterface {
  readonly name = 'InventoryProvisioning1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table host
        add provisioning text not null default 'PROVISIONED',
        add declared boolean not null default false,
        add subfunctions jsonb not null default '[]',
        add location text,
        add install jsonb,
        add bmc jsonb,
        alter hardware drop not null,
        alter uptime_seconds drop not null,
        alter last_heartbeat_at drop not null;
      update host set provisioning = 'UNPROVISIONED' where personality is null;
      create table bmc_password (
        host_id uuid not null,
        sealed text not null,
        constraint bmc_password_pk primary key (host_id),
        constraint bmc_password_host foreign key (host_id) references host (id) on delete cascade
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table bmc_password;
      delete from host where hardware is null or last_heartbeat_at is null;
      alter table host
        drop provisioning, drop declared, drop subfunctions, drop location, drop install, drop bmc,
        alter hardware set not null,
        alter uptime_seconds set not null,
        alter last_heartbeat_at set not null;
    `);
  }
}
