// All SQL of the watch over hosts. Knows no rules.
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { Attempt } from './recovery.ts';
import type { Storm } from './storm.ts';
import type { WatchedHost } from './watched-host.ts';

/** Every host that was ever heard. */
export const findWatched = (sql: Sql): Promise<WatchedHost[]> =>
  rows(
    sql,
    `/* detection.hosts */ select host.id, hostname, active_controller as "activeController", administrative, operational, availability, impaired,
       last_heartbeat_at as "lastHeartbeatAt",
       coalesce(said.conditions, '[]') as conditions, coalesce(said.problems, '[]') as problems,
       host_job.step as "jobStep",
       coalesce(attempts, '[]') as attempts, coalesce(gave_up, false) as "gaveUp"
     from host
     left join (select host_id,
         json_agg(json_build_object('alarmId', alarm_id, 'instance', instance, 'severity', severity,
           'reasonText', reason_text)) filter (where source = 'heartbeat') as conditions,
         json_agg(json_build_object('alarmId', alarm_id, 'severity', severity, 'reasonText', reason_text)
           order by alarm_id, instance) as problems
       from host_condition group by host_id) as said on said.host_id = host.id
     left join host_job on host_job.host_id = host.id and host_job.ended_at is null
     left join host_recovery on host_recovery.host_id = host.id
     where last_heartbeat_at is not null
     order by hostname, host.id`,
  );

export async function saveRecovery(
  sql: Sql,
  hostId: string,
  { attempts, gaveUp }: { readonly attempts: readonly Attempt[]; readonly gaveUp: boolean },
): Promise<void> {
  await rows(
    sql,
    `/* detection.recovery */ insert into host_recovery (host_id, attempts, gave_up)
     select id, $2, $3 from host where id = $1
     on conflict (host_id) do update set attempts = excluded.attempts, gave_up = excluded.gave_up`,
    [hostId, JSON.stringify(attempts), gaveUp],
  );
}

/** Of a host that is locked: its operators begin anew. */
export async function forgetRecovery(sql: Sql, hostId: string): Promise<void> {
  await rows(sql, '/* detection.forgetRecovery */ delete from host_recovery where host_id = $1', [hostId]);
}

export async function findStorm(sql: Sql): Promise<Storm | null> {
  const found = await one<{ since: string; expired: boolean }>(
    sql,
    '/* detection.storm */ select since, expired from heartbeat_storm',
  );
  return found && { since: Date.parse(found.since), expired: found.expired };
}

export async function saveStorm(sql: Sql, storm: Storm | null): Promise<void> {
  if (storm === null) await rows(sql, '/* detection.stormOver */ delete from heartbeat_storm');
  else
    await rows(
      sql,
      `/* detection.saveStorm */ insert into heartbeat_storm (since, expired) values ($1, $2)
       on conflict on constraint heartbeat_storm_pk do update set expired = excluded.expired`,
      [new Date(storm.since).toISOString(), storm.expired],
    );
}
