import type { MigrationInterface, QueryRunner } from 'typeorm';

// What streams tell of a region that leaves carries the region as it was: nothing else says so any more.
export class FleetDepartures implements MigrationInterface {
  readonly name = 'FleetDepartures1763800000012';

  async up(runner: QueryRunner): Promise<void> {
    for (const log of ['feed_log', 'host_log'])
      await runner.query(`
        alter table ${log} add left_region jsonb;
        create index ${log}_departures on ${log} (region) where left_region is not null;
      `);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const log of ['feed_log', 'host_log'])
      await runner.query(`drop index ${log}_departures; alter table ${log} drop left_region;`);
  }
}
