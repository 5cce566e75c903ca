// All SQL on the state of hosts that the lifecycle gives, and on what surrounds a host. Knows no rules.
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { HostRow } from '../hosts/host.ts';
import type { StorageMember } from './storage-needs.ts';

export type StateColumns = Pick<
  HostRow,
  'administrative' | 'operational' | 'availability' | 'provisioning' | 'task' | 'failure' | 'impaired' | 'bootId'
>;

export async function saveState(sql: Sql, id: string, state: StateColumns): Promise<void> {
  await rows(
    sql,
    `/* lifecycle.save */ update host set administrative = $2, operational = $3, availability = $4, provisioning = $5,
       task = $6, failure = $7, impaired = $8, boot_id = $9 where id = $1`,
    [
      id,
      state.administrative,
      state.operational,
      state.availability,
      state.provisioning,
      state.task,
      state.failure,
      state.impaired,
      state.bootId,
    ],
  );
}

/** The boot that hosts run since, as their agents say. */
export async function saveBootIds(
  sql: Sql,
  boots: readonly { readonly id: string; readonly bootId: string }[],
): Promise<void> {
  await rows(
    sql,
    `/* lifecycle.boots */ update host set boot_id = b.boot from unnest($1::uuid[], $2::text[]) as b (id, boot)
     where host.id = b.id`,
    [boots.map(b => b.id), boots.map(b => b.bootId)],
  );
}

export interface ControllerRow
  extends Pick<HostRow, 'id' | 'hostname' | 'administrative' | 'operational' | 'availability' | 'activeController'> {
  /** It has an open job. */
  readonly busy: boolean;
}

/** The region's controllers, by name. */
export const findControllers = (sql: Sql): Promise<ControllerRow[]> =>
  rows(
    sql,
    `/* lifecycle.controllers */ select id, hostname, administrative, operational, availability,
       active_controller as "activeController",
       exists (select from host_job where host_id = host.id and ended_at is null) as busy
     from host where personality = 'CONTROLLER' order by hostname, id`,
  );

/** The hosts that keep the region's storage, by name. */
export const findStorageMembers = (sql: Sql): Promise<StorageMember[]> =>
  rows(
    sql,
    `/* lifecycle.storage */ select id, hostname, personality, operational = 'ENABLED' and not exists (
         select from host_job where host_id = host.id and ended_at is null and action in ('LOCK', 'FORCE_LOCK')) as stays
     from host where personality = 'CONTROLLER' or (personality = 'STORAGE' and provisioning = 'PROVISIONED')
     order by hostname, id`,
  );

/** Those that have a role: what only showed itself on the network is not yet part of the region. */
export async function countHosts(sql: Sql): Promise<number> {
  const statement = '/* lifecycle.hosts */ select count(*)::int as n from host where personality is not null';
  return (await one<{ n: number }>(sql, statement))!.n;
}

/** Makes one controller active and all others standby; answers the ids of those that this changed. */
export async function seat(sql: Sql, activeId: string): Promise<string[]> {
  const changed = await rows<{ id: string }>(
    sql,
    `/* lifecycle.seat */ update host set active_controller = (id = $1)
     where personality = 'CONTROLLER' and active_controller is distinct from (id = $1) returning id`,
    [activeId],
  );
  return changed.map(({ id }) => id);
}

export async function removeHost(sql: Sql, id: string): Promise<void> {
  await rows(sql, '/* lifecycle.remove */ delete from host where id = $1', [id]);
}
