// All SQL on host profiles. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';
import type { HostProfileRow } from './host-profile.ts';

const COLUMNS = `id, name, description, version, configuration, labels, created_at as "createdAt", updated_at as "updatedAt"`;

export const findProfiles = (sql: Sql, ids: readonly string[]): Promise<HostProfileRow[]> =>
  rows(sql, `/* profiles.byIds */ select ${COLUMNS} from host_profile where id = any($1::uuid[])`, [ids]);

export const findNamesake = (sql: Sql, name: string): Promise<{ id: string } | null> =>
  one(sql, '/* profiles.byName */ select id from host_profile where name = $1', [name]);

/** By name. */
export const listProfiles = (sql: Sql, page: Page): Promise<HostProfileRow[]> =>
  rows(
    sql,
    `/* profiles.page */ select ${COLUMNS} from host_profile
     where $1::text is null or (name, id) > ($1, $2::uuid) order by name, id limit $3`,
    [page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
  );

export async function countProfiles(sql: Sql): Promise<number> {
  const found = await one<{ n: number }>(sql, '/* profiles.count */ select count(*)::int as n from host_profile');
  return found?.n ?? 0;
}

/** Inserts the profile or replaces all of it but its id. */
export async function saveProfile(sql: Sql, profile: HostProfileRow): Promise<void> {
  const { id, name, description, version, configuration, labels, createdAt, updatedAt } = profile;
  await rows(
    sql,
    `/* profiles.save */ insert into host_profile
       (id, name, description, version, configuration, labels, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict on constraint host_profile_pk do update set name = excluded.name, description = excluded.description,
       version = excluded.version, configuration = excluded.configuration, labels = excluded.labels,
       updated_at = excluded.updated_at`,
    [id, name, description, version, JSON.stringify(configuration), JSON.stringify(labels), createdAt, updatedAt],
  );
}

export async function deleteProfile(sql: Sql, id: string): Promise<void> {
  await rows(sql, '/* profiles.delete */ delete from host_profile where id = $1', [id]);
}

/** How many hosts have each; profiles that none has are left out. */
export const countHosts = (sql: Sql, ids: readonly string[]): Promise<{ profileId: string; n: number }[]> =>
  rows(
    sql,
    `/* profiles.hosts */ select profile_id as "profileId", count(*)::int as n from host_configuration
     where profile_id = any($1::uuid[]) group by profile_id`,
    [ids],
  );
