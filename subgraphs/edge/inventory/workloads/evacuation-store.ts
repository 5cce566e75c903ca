// All SQL on evacuations. Knows no rules.
import { rows, type Sql } from '../../../runtime/sql.ts';

/** Notes that a host is to be emptied. */
export async function askEvacuation(sql: Sql, hostId: string, at: string): Promise<void> {
  await rows(
    sql,
    `/* evacuations.ask */ insert into evacuation (host_id, asked_at) values ($1, $2)
     on conflict (host_id) do update set asked_at = excluded.asked_at`,
    [hostId, at],
  );
}

/** Whoever asks could not while the region was down: the time that lapses begins anew. */
export async function renewEvacuations(sql: Sql, at: string): Promise<void> {
  await rows(sql, '/* evacuations.renew */ update evacuation set asked_at = $1', [at]);
}

/** Ends those that nobody asked for since; answers their hosts. */
export const lapseEvacuations = (sql: Sql, before: string): Promise<{ hostId: string }[]> =>
  rows(sql, `/* evacuations.lapse */ delete from evacuation where asked_at < $1 returning host_id as "hostId"`, [
    before,
  ]);
