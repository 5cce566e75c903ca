import type { MigrationInterface, QueryRunner } from 'typeorm';

// A snapshot of a region waits in the staged tables until it is complete. They have the columns that the mirror has by now.
export class FleetSnapshots implements MigrationInterface {
  readonly name = 'FleetSnapshots1763800000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const staged of ['alarm', 'host'])
      await runner.query(`
        create unlogged table staged_${staged} (like mirror_${staged} including defaults);
        alter table staged_${staged} add column snapshot uuid not null,
          add constraint staged_${staged}_pk primary key (snapshot, id),
          add constraint staged_${staged}_region_fk foreign key (region) references region (id) on delete cascade;
      `);
    await runner.query(`
      create table region_alignment (
        region text not null,
        source text not null,
        checked_at timestamptz(3) not null,
        sequence bigint not null,
        missing integer not null,
        extra integer not null,
        changed integer not null,
        examples text[] not null,
        last_difference_at timestamptz(3),
        constraint region_alignment_pk primary key (region, source),
        constraint region_alignment_region_fk foreign key (region) references region (id) on delete cascade
      );
      alter table region add column realign_requested_at timestamptz(3);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table region drop column realign_requested_at;
      drop table region_alignment;
      drop table staged_host;
      drop table staged_alarm;
    `);
  }
}
