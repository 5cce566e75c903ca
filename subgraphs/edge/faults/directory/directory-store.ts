// All SQL on the host directory and on how far the inventory has been followed.
import type { Position } from '../../../runtime/change-follower.ts';
import type { OutboxHead } from '../../../runtime/outbox.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { DirectoryRow } from './host-directory.ts';

export const findIdsByName = (sql: Sql, hostnames: readonly string[]): Promise<DirectoryRow[]> =>
  rows(sql, '/* directory.byName */ select id, hostname from host_directory where hostname = any($1::text[])', [
    hostnames,
  ]);

export const findNamesById = (sql: Sql, ids: readonly string[]): Promise<DirectoryRow[]> =>
  rows(sql, '/* directory.byId */ select id, hostname from host_directory where id = any($1::uuid[])', [ids]);

export const findAll = (sql: Sql): Promise<DirectoryRow[]> =>
  rows(sql, '/* directory.all */ select id, hostname from host_directory');

export async function positionOf(sql: Sql): Promise<Position> {
  const found = await one<Position>(
    sql,
    `/* directory.position */ select epoch, sequence from followed where source = 'inventory'`,
  );
  return found ?? { epoch: null, sequence: '0' };
}

/** The copy is what the inventory has at this head. */
export async function begin(sql: Sql, at: OutboxHead): Promise<void> {
  await rows(sql, `/* directory.begin */ update followed set epoch = $1, sequence = $2 where source = 'inventory'`, [
    at.epoch,
    at.sequence,
  ]);
}

export async function advance(sql: Sql, sequence: string): Promise<void> {
  await rows(sql, `/* directory.advance */ update followed set sequence = $1 where source = 'inventory'`, [sequence]);
}

export async function saveHosts(sql: Sql, hosts: readonly DirectoryRow[]): Promise<void> {
  if (hosts.length === 0) return;
  await rows(
    sql,
    `/* directory.copy */ insert into host_directory (id, hostname) select * from unnest($1::uuid[], $2::text[])
     on conflict (id) do update set hostname = excluded.hostname`,
    [hosts.map(host => host.id), hosts.map(host => host.hostname)],
  );
}

export async function forgetHosts(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await rows(sql, '/* directory.forget */ delete from host_directory where id = any($1::uuid[])', [ids]);
}
