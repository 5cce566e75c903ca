import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEY = 'region, severity, origin, acknowledged, suppressed, masked, in_maintenance';

/** Touches rows in the order of their key, so that two writers do not wait for each other. */
const add = (changes: string): string => `
  insert into mirror_alarm_count as c (${KEY}, n)
  select ${KEY}, sum(d) from (${changes}) as change group by ${KEY} having sum(d) <> 0 order by ${KEY}
  on conflict (${KEY}) do update set n = c.n + excluded.n;`;

/** No insert: with its region a count may already be gone. */
const subtract = (removed: string): string => `
  update mirror_alarm_count c set n = c.n - change.n
  from (select ${KEY}, count(*) as n from ${removed} group by ${KEY}) as change
  where (${KEY.replaceAll(/\w+/g, 'c.$&')}) = (${KEY.replaceAll(/\w+/g, 'change.$&')});`;

const EVENTS = [
  { event: 'insert', tables: 'new table as added', body: add('select *, 1 as d from added') },
  { event: 'delete', tables: 'old table as removed', body: subtract('removed') },
  {
    event: 'update',
    tables: 'new table as added old table as removed',
    body: add('select *, 1 as d from added union all select *, -1 as d from removed'),
  },
] as const;

/** How many alarms there are of each kind, kept by PostgreSQL itself for whoever writes alarms. */
export class FleetAlarmCounts implements MigrationInterface {
  readonly name = 'FleetAlarmCounts1763800000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table mirror_alarm_count (
        region text not null,
        severity text not null,
        origin text not null,
        acknowledged boolean not null,
        suppressed boolean not null,
        masked boolean not null,
        in_maintenance boolean not null,
        n integer not null,
        constraint mirror_alarm_count_pk primary key (${KEY}),
        constraint mirror_alarm_count_region_fk foreign key (region) references region (id) on delete cascade
      ) with (fillfactor = 50);
      insert into mirror_alarm_count (${KEY}, n) select ${KEY}, count(*) from mirror_alarm group by ${KEY};
      drop index mirror_alarm_by_region;
      create index mirror_alarm_by_region on mirror_alarm (region, raised_at, id);
      create index mirror_alarm_by_host on mirror_alarm (hostname, raised_at, id);
      create index mirror_alarm_by_alarm_id on mirror_alarm (alarm_id, raised_at, id);
      create statistics mirror_alarm_texts on (alarm->>'reasonText'), (alarm->>'title') from mirror_alarm;
    `);
    for (const { event, tables, body } of EVENTS)
      await runner.query(`
        create function count_alarms_on_${event}() returns trigger language plpgsql set search_path from current as $$
          begin
            ${body}
            return null;
          end
        $$;
        create trigger mirror_alarm_counted_on_${event} after ${event} on mirror_alarm referencing ${tables}
          for each statement execute function count_alarms_on_${event}();
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const { event } of EVENTS)
      await runner.query(`
        drop trigger mirror_alarm_counted_on_${event} on mirror_alarm;
        drop function count_alarms_on_${event}();
      `);
    await runner.query(`
      drop statistics mirror_alarm_texts;
      drop index mirror_alarm_by_alarm_id;
      drop index mirror_alarm_by_host;
      drop index mirror_alarm_by_region;
      create index mirror_alarm_by_region on mirror_alarm (region, severity);
      drop table mirror_alarm_count;
    `);
  }
}
