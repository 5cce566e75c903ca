import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FleetFeedAccount implements MigrationInterface {
  readonly name = 'FleetFeedAccount1763800000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table feed_account (
        region text not null,
        committed bigint,
        committed_at timestamptz(3),
        delivered bigint not null default 0,
        lagged bigint not null default 0,
        constraint feed_account_pk primary key (region)
      );
      create table feed_teller (
        id uuid not null,
        report bigint not null,
        at timestamptz(3) not null,
        constraint feed_teller_pk primary key (id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table feed_teller; drop table feed_account;');
  }
}
