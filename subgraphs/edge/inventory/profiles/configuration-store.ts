// All SQL on hosts' configurations. Knows no rules.
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { HostConfigurationRow } from './host-configuration.ts';

const COLUMNS = `host_id as "hostId", profile_id as "profileId", profile_version as "profileVersion", pending,
  pending_since as "pendingSince", applied, applied_at as "appliedAt", failures`;

export const findConfigurations = (sql: Sql, hostIds: readonly string[]): Promise<HostConfigurationRow[]> =>
  rows(sql, `/* configurations.byHosts */ select ${COLUMNS} from host_configuration where host_id = any($1::uuid[])`, [
    hostIds,
  ]);

/** Inserts the configuration or replaces all of it. */
export async function saveConfiguration(sql: Sql, row: HostConfigurationRow): Promise<void> {
  const { hostId, profileId, profileVersion, pending, pendingSince, applied, appliedAt, failures } = row;
  await rows(
    sql,
    `/* configurations.save */ insert into host_configuration
       (host_id, profile_id, profile_version, pending, pending_since, applied, applied_at, failures)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict on constraint host_configuration_pk do update set profile_id = excluded.profile_id,
       profile_version = excluded.profile_version, pending = excluded.pending, pending_since = excluded.pending_since,
       applied = excluded.applied, applied_at = excluded.applied_at, failures = excluded.failures`,
    [hostId, profileId, profileVersion, asText(pending), pendingSince, asText(applied), appliedAt, asText(failures)],
  );
}

const asText = (document: unknown): string | null => (document === null ? null : JSON.stringify(document));
