// All SQL on which hosts the inventory has removed, and on how far it has been followed.
import type { Position } from '../../../runtime/change-follower.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';

export async function positionOf(sql: Sql): Promise<Position> {
  const found = await one<Position>(
    sql,
    `/* software.position */ select epoch, sequence from followed where source = 'inventory'`,
  );
  return found ?? { epoch: null, sequence: '0' };
}

/** To a position of another epoch, or, when it says none, forwards within the one that is: batches may be carried out side by side. */
export async function placePosition(sql: Sql, { epoch, sequence }: Position): Promise<void> {
  await rows(
    sql,
    `/* software.place */ update followed set epoch = coalesce($1, epoch), sequence = $2
     where source = 'inventory' and ($1::uuid is not null or sequence < $2::bigint)`,
    [epoch, sequence],
  );
}

/** What these hosts ran; answers those of which anything was known. */
export async function forgetHosts(sql: Sql, hostIds: readonly string[]): Promise<string[]> {
  const gone = await rows<{ id: string }>(
    sql,
    '/* software.forget */ delete from host_software where host_id = any($1::uuid[]) returning host_id as id',
    [hostIds],
  );
  return gone.map(({ id }) => id);
}

/** Hosts that are not among these and reported last before an instant. */
export async function findOthers(sql: Sql, hostIds: readonly string[], reportedBefore: string): Promise<string[]> {
  const found = await rows<{ id: string }>(
    sql,
    `/* software.others */ select host_id as id from host_software
     where not (host_id = any($1::uuid[])) and reported_at < $2`,
    [hostIds, reportedBefore],
  );
  return found.map(({ id }) => id);
}
