import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InventoryHardware implements MigrationInterface {
  readonly name = 'InventoryHardware1763800000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table hardware_change (
        sequence bigserial not null,
        host_id uuid not null,
        at timestamptz(3) not null,
        path text not null,
        kind text not null,
        from_value text,
        to_value text,
        constraint hardware_change_pk primary key (sequence),
        constraint hardware_change_host foreign key (host_id) references host (id) on delete cascade
      );
      create index hardware_change_by_host on hardware_change (host_id, sequence);

      create table host_port (
        mac text not null,
        host_id uuid not null,
        present boolean not null default true,
        constraint host_port_pk primary key (mac, host_id),
        constraint host_port_host foreign key (host_id) references host (id) on delete cascade
      );
      create index host_port_by_host on host_port (host_id);
      insert into host_port (mac, host_id)
        select distinct lower(port ->> 'mac'), host.id
        from host, jsonb_array_elements(host.hardware -> 'ports') as port
        where port ->> 'mac' is not null and coalesce(port ->> 'pciAddress', port ->> 'driver') is not null;

      create table removed_machine (
        identity text not null,
        removed_at timestamptz(3) not null default now(),
        constraint removed_machine_pk primary key (identity)
      );
      create function remember_machine() returns trigger language plpgsql set search_path from current as $$
      begin
        insert into removed_machine (identity) values (old.identity) on conflict (identity) do nothing;
        return null;
      end $$;
      create trigger host_removed after delete on host for each row execute function remember_machine();

      create table host_profile (
        id uuid not null,
        name text not null,
        description text,
        version integer not null,
        configuration jsonb not null,
        labels jsonb not null,
        created_at timestamptz(3) not null,
        updated_at timestamptz(3) not null,
        constraint host_profile_pk primary key (id),
        constraint host_profile_name_unique unique (name)
      );
      create table host_configuration (
        host_id uuid not null,
        profile_id uuid not null,
        profile_version integer not null,
        pending jsonb,
        pending_since timestamptz(3),
        applied jsonb,
        applied_at timestamptz(3),
        constraint host_configuration_pk primary key (host_id),
        constraint host_configuration_host foreign key (host_id) references host (id) on delete cascade,
        constraint host_configuration_profile foreign key (profile_id) references host_profile (id)
      );
      create index host_configuration_by_profile on host_configuration (profile_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table host_configuration;
      drop table host_profile;
      drop trigger host_removed on host;
      drop function remember_machine();
      drop table removed_machine;
      drop table host_port;
      drop table hardware_change;
    `);
  }
}
