import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_OUTBOX, DROP_OUTBOX } from '../outbox-tables.ts';

export class SoftwareReleases implements MigrationInterface {
  readonly name = 'SoftwareReleases1763800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CREATE_OUTBOX);
    await runner.query(`
      create table release (
        id text not null,
        software_version text,
        constraint release_pk primary key (id)
      );
      create table host_software (
        host_id uuid not null,
        release_id text not null,
        reported_at timestamptz(3) not null,
        constraint host_software_pk primary key (host_id)
      );
      create index host_software_by_release on host_software (release_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table host_software; drop table release;');
    await runner.query(DROP_OUTBOX);
  }
}
