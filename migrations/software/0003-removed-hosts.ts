import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SoftwareRemovedHosts implements MigrationInterface {
  readonly name = 'SoftwareRemovedHosts1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table followed (
        source text not null,
        epoch uuid,
        sequence bigint not null,
        constraint followed_pk primary key (source)
      );
      insert into followed (source, sequence) values ('inventory', 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table followed');
  }
}
