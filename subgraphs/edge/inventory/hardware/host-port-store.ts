// All SQL on which machine a report comes from. Knows no rules.
import { one, rows, type Sql } from '../../../runtime/sql.ts';

/** Another host that has reported under the same management MAC. */
export interface Rival {
  readonly id: string;
  readonly hostname: string | null;
  readonly identity: string;
}

/** What the region knows of who reports. */
export interface Claim {
  readonly rival: Rival | null;
  /** A host of this identity was deleted once. */
  readonly removed: boolean;
}

export async function findClaim(sql: Sql, identity: string, managementMac: string | null): Promise<Claim> {
  const found = await one<Claim>(
    sql,
    `/* hardware.claim */ select
       (select jsonb_build_object('id', id, 'hostname', hostname, 'identity', identity) from host
        where management_mac = $2 and identity <> $1 and last_heartbeat_at is not null order by id limit 1) as rival,
       exists (select from removed_machine where identity = $1) as removed`,
    [identity, managementMac],
  );
  return found ?? { rival: null, removed: false };
}

/** A network boot showed that the host has these. */
export async function addPorts(sql: Sql, hostId: string, macs: readonly string[]): Promise<void> {
  await rows(
    sql,
    `/* hardware.portsSeen */ insert into host_port (mac, host_id) select distinct unnest($2::text[]), $1::uuid
     on conflict do nothing`,
    [hostId, macs],
  );
}

/**
 * Notes these as all that the host has now. Answers the other hosts that have one that is new here, or had it last: those
 * that had it are forgotten.
 */
export async function replacePorts(
  sql: Sql,
  hostId: string,
  macs: readonly string[],
): Promise<{ mac: string; hostId: string; hostname: string | null }[]> {
  await rows(
    sql,
    `/* hardware.portsGone */ update host_port set present = false
     where host_id = $1 and present and not (mac = any($2::text[]))`,
    [hostId, macs],
  );
  const added = await rows<{ mac: string }>(
    sql,
    `/* hardware.portsAdded */ insert into host_port (mac, host_id) select unnest($2::text[]), $1
     on conflict on constraint host_port_pk do update set present = true where not host_port.present returning mac`,
    [hostId, macs],
  );
  if (added.length === 0) return [];
  const news = added.map(({ mac }) => mac);
  const elsewhere = await rows<{ mac: string; hostId: string; hostname: string | null }>(
    sql,
    `/* hardware.portsElsewhere */ select mac, host_id as "hostId", hostname
     from host_port join host on host.id = host_id where host_id <> $1 and mac = any($2::text[]) order by mac, host_id`,
    [hostId, news],
  );
  await rows(
    sql,
    '/* hardware.portsMoved */ delete from host_port where host_id <> $1 and mac = any($2::text[]) and not present',
    [hostId, news],
  );
  return elsewhere;
}
