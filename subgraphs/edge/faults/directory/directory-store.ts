// All SQL on the host directory and on how far the inventory has been followed.
import type { Position } from '../../../runtime/change-follower.ts';
import type { SnapshotRow } from '../../../runtime/change-lines.ts';
import type { Change, OutboxHead } from '../../../runtime/outbox.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { DirectoryRow } from './host-directory.ts';

export const findIdsByName = (sql: Sql, hostnames: readonly string[]): Promise<DirectoryRow[]> =>
  rows(sql, '/* directory.byName */ select id, hostname from host_directory where hostname = any($1::text[])', [
    hostnames,
  ]);

export const findNamesById = (sql: Sql, ids: readonly string[]): Promise<DirectoryRow[]> =>
  rows(sql, '/* directory.byId */ select id, hostname from host_directory where id = any($1::uuid[])', [ids]);

export async function positionOf(sql: Sql): Promise<Position> {
  const found = await one<Position>(
    sql,
    `/* directory.position */ select epoch, sequence from followed where source = 'inventory'`,
  );
  return found ?? { epoch: null, sequence: '0' };
}

/** Replaces all by what the inventory has at this head. */
export async function beginAnew(sql: Sql, at: OutboxHead, hosts: readonly SnapshotRow[]): Promise<void> {
  await rows(sql, '/* directory.forget */ delete from host_directory');
  await saveHosts(sql, hosts);
  await rows(sql, `/* directory.begin */ update followed set epoch = $1, sequence = $2 where source = 'inventory'`, [
    at.epoch,
    at.sequence,
  ]);
}

export async function copyHosts(sql: Sql, changes: readonly Change[]): Promise<void> {
  await saveHosts(sql, changes);
  await rows(sql, `/* directory.advance */ update followed set sequence = $1 where source = 'inventory'`, [
    changes.at(-1)!.sequence,
  ]);
}

/** The last row of each host only: PostgreSQL takes a key once a statement. */
async function saveHosts(sql: Sql, hosts: readonly SnapshotRow[]): Promise<void> {
  const latest = new Map(hosts.map(({ entityId, row }) => [entityId, (row as { hostname: string | null }).hostname]));
  const named = [...latest].filter((entry): entry is [string, string] => entry[1] !== null);
  await rows(
    sql,
    `/* directory.copy */ insert into host_directory (id, hostname) select * from unnest($1::uuid[], $2::text[])
     on conflict (id) do update set hostname = excluded.hostname`,
    [named.map(([id]) => id), named.map(([, hostname]) => hostname)],
  );
}
