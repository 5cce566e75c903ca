import type { MigrationInterface, QueryRunner } from 'typeorm';

const KEY = 'region, severity, origin, acknowledged, suppressed, masked';
const EVENTS = [
  { event: 'insert', tables: 'new table as added', deltas: 'select *, 1 as d from added' },
  { event: 'delete', tables: 'old table as removed', deltas: 'select *, -1 as d from removed' },
  {
    event: 'update',
    tables: 'new table as added old table as removed',
    deltas: 'select *, 1 as d from added union all select *, -1 as d from removed',
  },
] as const;

/**
 * How many alarms there are of each kind, kept by PostgreSQL itself for whoever writes alarms. Rows are touched in the order
 * of their key, so that two writers cannot wait for each other.
 */
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
        n integer not null,
        constraint mirror_alarm_count_pk primary key (${KEY}),
        constraint mirror_alarm_count_region_fk foreign key (region) references region (id) on delete cascade
      ) with (fillfactor = 50);
      insert into mirror_alarm_count (${KEY}, n) select ${KEY}, count(*) from mirror_alarm group by ${KEY};
      drop index mirror_alarm_by_region;
      create index mirror_alarm_by_region on mirror_alarm (region, raised_at, id);
      create index mirror_alarm_by_host on mirror_alarm (hostname, raised_at, id);
      create index mirror_alarm_by_alarm_id on mirror_alarm (alarm_id, raised_at, id);
    `);
    for (const { event, tables, deltas } of EVENTS)
      await runner.query(`
        create function count_alarms_on_${event}() returns trigger language plpgsql set search_path from current as $$
          begin
            insert into mirror_alarm_count as c (${KEY}, n)
            select ${KEY}, sum(d) from (${deltas}) as change group by ${KEY} having sum(d) <> 0 order by ${KEY}
            on conflict (${KEY}) do update set n = c.n + excluded.n;
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
      drop index mirror_alarm_by_alarm_id;
      drop index mirror_alarm_by_host;
      drop index mirror_alarm_by_region;
      create index mirror_alarm_by_region on mirror_alarm (region, severity);
      drop table mirror_alarm_count;
    `);
  }
}
