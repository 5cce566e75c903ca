import type { MigrationInterface, QueryRunner } from 'typeorm';

// The few alarms that explain others, for the joins that look for them.
export class FleetAlarmCauses implements MigrationInterface {
  readonly name = 'FleetAlarmCauses1763800000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index mirror_alarm_causes on mirror_alarm (region, hostname)
        where alarm_id in ('280.001', '200.001', '200.004', '200.005', '200.009', '200.011');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index mirror_alarm_causes');
  }
}
