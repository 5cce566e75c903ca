import type { MigrationInterface, QueryRunner } from 'typeorm';

const named = (hosts: string): string => `
  insert into mirror_device (kind, name)
  select distinct d ->> 'kind', d ->> 'name' from ${hosts} h, jsonb_path_query(h.capacity, '$.devices[*]') as d
  where octet_length(d ->> 'name') <= 2000 and d ->> 'kind' is not null and not exists (
    select from mirror_device k where k.kind = d ->> 'kind' and k.name = d ->> 'name')
  order by 1, 2 on conflict do nothing;`;

/**
 * What devices of the fleet are called, kept by PostgreSQL itself for whoever writes hosts: a part of a name is looked for
 * among these few, and hosts by whole names in the index on capacities.
 */
export class FleetDeviceNames implements MigrationInterface {
  readonly name = 'FleetDeviceNames1763800000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mirror_device (
        kind text not null,
        name text not null,
        constraint mirror_device_pk primary key (kind, name)
      );
      ${named('mirror_host')}
      create function note_devices() returns trigger language plpgsql set search_path from current as $$
        begin
          ${named('added')}
          return null;
        end
      $$;
    `);
    for (const event of ['insert', 'update'])
      await runner.query(`
        create trigger mirror_host_devices_on_${event} after ${event} on mirror_host referencing new table as added
          for each statement execute function note_devices()
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const event of ['insert', 'update'])
      await runner.query(`drop trigger mirror_host_devices_on_${event} on mirror_host`);
    await runner.query('drop function note_devices; drop table mirror_device;');
  }
}
