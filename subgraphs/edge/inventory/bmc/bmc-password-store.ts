// All SQL on the sealed passwords of board management controllers.
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { BmcPasswordRow } from './bmc-password.ts';

export const findPasswords = (sql: Sql, hostIds: readonly string[]): Promise<BmcPasswordRow[]> =>
  rows(
    sql,
    '/* bmc.passwords */ select host_id as "hostId", sealed from bmc_password where host_id = any($1::uuid[])',
    [hostIds],
  );

export async function savePasswords(sql: Sql, passwords: readonly BmcPasswordRow[]): Promise<void> {
  if (passwords.length === 0) return;
  await rows(
    sql,
    `/* bmc.savePasswords */ insert into bmc_password (host_id, sealed) select * from unnest($1::uuid[], $2::text[])
     on conflict (host_id) do update set sealed = excluded.sealed`,
    [passwords.map(p => p.hostId), passwords.map(p => p.sealed)],
  );
}

/** Of hosts whose controller was taken away. */
export async function forgetPasswords(sql: Sql, hostIds: readonly string[]): Promise<void> {
  if (hostIds.length > 0)
    await rows(sql, '/* bmc.forgetPasswords */ delete from bmc_password where host_id = any($1::uuid[])', [hostIds]);
}
