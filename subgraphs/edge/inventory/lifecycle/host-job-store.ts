// All SQL on the jobs of hosts. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { type Columns, nameOf, namesOf, one, rows, type Sql } from '../../../runtime/sql.ts';
import type { HostJobRow } from './host-job.ts';

const COLUMN = {
  id: 'id uuid',
  hostId: 'host_id uuid',
  action: 'action text',
  state: 'state text',
  step: 'step text',
  calls: 'calls jsonb',
  progress: 'progress integer',
  message: 'message text',
  requestedAt: 'requested_at timestamptz',
  deadlineAt: 'deadline_at timestamptz',
  endedAt: 'ended_at timestamptz',
} as const satisfies Required<Columns<HostJobRow>>;

const COLUMNS = Object.entries(COLUMN)
  .map(([field, column]) => `${nameOf(column)} as "${field}"`)
  .join(', ');

/** Inserts the job or replaces all of it but its id. */
export async function saveJob(sql: Sql, job: HostJobRow): Promise<void> {
  const names = namesOf(COLUMN);
  const fields = Object.keys(COLUMN) as (keyof typeof COLUMN)[];
  await rows(
    sql,
    `/* jobs.save */ insert into host_job (${names.join(', ')}) values (${names.map((_, i) => `$${i + 1}`).join(', ')})
     on conflict (id) do update set ${names.map(name => `${name} = excluded.${name}`).join(', ')}`,
    fields.map(field => (field === 'calls' ? JSON.stringify(job.calls) : job[field])),
  );
}

/** What a job waits for, while its step lasts. */
export async function saveMessage(sql: Sql, id: string, message: string): Promise<void> {
  await rows(
    sql,
    '/* jobs.message */ update host_job set message = $2 where id = $1 and ended_at is null and message <> $2',
    [id, message],
  );
}

export const findJob = (sql: Sql, id: string): Promise<HostJobRow | null> =>
  one(sql, `/* jobs.byId */ select ${COLUMNS} from host_job where id = $1`, [id]);

export const findOpenJobs = (sql: Sql, hostIds: readonly string[]): Promise<HostJobRow[]> =>
  rows(sql, `/* jobs.open */ select ${COLUMNS} from host_job where ended_at is null and host_id = any($1::uuid[])`, [
    hostIds,
  ]);

export const findAllOpenJobs = (sql: Sql): Promise<HostJobRow[]> =>
  rows(sql, `/* jobs.allOpen */ select ${COLUMNS} from host_job where ended_at is null order by requested_at, id`);

/** Of each host, a page of its jobs and how many it has; newest first. */
export async function listJobs(
  sql: Sql,
  hostIds: readonly string[],
  page: Page,
): Promise<{ readonly found: HostJobRow[]; readonly totalCount: number }[]> {
  const [found, counts] = await Promise.all([
    rows<HostJobRow>(
      sql,
      `/* jobs.page */ select job.* from unnest($1::uuid[]) as wanted (host_id), lateral (
         select ${COLUMNS} from host_job where host_id = wanted.host_id
           and ($2::timestamptz is null or (requested_at, id) < ($2, $3::uuid))
         order by requested_at desc, id desc limit $4) as job`,
      [hostIds, page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1],
    ),
    rows<{ hostId: string; n: number }>(
      sql,
      `/* jobs.count */ select host_id as "hostId", count(*)::int as n from host_job
       where host_id = any($1::uuid[]) group by host_id`,
      [hostIds],
    ),
  ]);
  return hostIds.map(id => ({
    found: found.filter(({ hostId }) => hostId === id),
    totalCount: counts.find(({ hostId }) => hostId === id)?.n ?? 0,
  }));
}

export const keyOfJob = (job: HostJobRow): readonly string[] => [job.requestedAt, job.id];

/** Ended jobs from before an instant; answers how many. */
export async function pruneJobs(sql: Sql, endedBefore: string): Promise<number> {
  return (await rows(sql, '/* jobs.prune */ delete from host_job where ended_at < $1 returning 1', [endedBefore]))
    .length;
}
