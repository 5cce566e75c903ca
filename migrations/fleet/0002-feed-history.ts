import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetFeedHistory implements MigrationInterface {
  readonly name = 'FleetFeedHistory1763800000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table region add column stale_since timestamptz(3);
      alter table region add column offline_alarm boolean not null default false;
      alter table mirror_alarm add column origin text not null default 'REGION';
      alter table feed_log add column taken_at timestamptz(3) not null default now();
      create index feed_log_by_age on feed_log (taken_at);
      alter table feed_head add column oldest bigint not null default 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table feed_head drop column oldest;
      drop index feed_log_by_age;
      alter table feed_log drop column taken_at;
      delete from mirror_alarm where origin <> 'REGION';
      alter table mirror_alarm drop column origin;
      alter table region drop column offline_alarm;
      alter table region drop column stale_since;
    `);
  }
}
