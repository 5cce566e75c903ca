// All SQL on regions. Knows no rules.
import type { Page } from '../../../runtime/connection.ts';
import { containing, one, rows, type Sql } from '../../../runtime/sql.ts';
import type { RegionManagement, RegionRow } from './region.ts';

const COLUMNS = `id, name, endpoint, description, location, group_name as "groupName", labels, management,
  added_at as "addedAt", last_contact_at as "lastContactAt", contact_reason as "contactReason",
  stale_since as "staleSince", offline_alarm as "offlineAlarm", realign_requested_at as "realignRequestedAt",
  schemas`;

export interface RegionFilter {
  readonly ids?: readonly string[] | null;
  readonly groups?: readonly string[] | null;
  readonly management?: RegionManagement | null;
  readonly text?: string | null;
}

export const allRegions = (sql: Sql): Promise<RegionRow[]> =>
  rows(sql, `/* regions.all */ select ${COLUMNS} from region order by id`);

export const findRegions = (sql: Sql, ids: readonly string[]): Promise<RegionRow[]> =>
  rows(sql, `/* regions.byIds */ select ${COLUMNS} from region where id = any($1::text[])`, [ids]);

export async function findRegion(sql: Sql, id: string): Promise<RegionRow | null> {
  return (await findRegions(sql, [id]))[0] ?? null;
}

export const keyOfRegion = (region: RegionRow): readonly string[] => [region.id];

/** Regions by id; `contact` narrows to ids whose contact is of a wanted state. */
export async function listRegions(
  sql: Sql,
  filter: RegionFilter,
  page: Page,
): Promise<{ found: RegionRow[]; totalCount: number }> {
  const where = `($1::text[] is null or id = any($1)) and ($2::text[] is null or group_name = any($2))
    and ($3::text is null or management = $3)
    and ($4::text is null or id ilike $4 or name ilike $4 or description ilike $4)`;
  const values = [
    filter.ids ?? null,
    filter.groups ?? null,
    filter.management ?? null,
    filter.text ? containing(filter.text) : null,
  ];
  const [found, total] = await Promise.all([
    rows<RegionRow>(
      sql,
      `/* regions.page */ select ${COLUMNS} from region where ${where} and ($5::text is null or id > $5) order by id limit $6`,
      [...values, page.after?.[0] ?? null, page.first + 1],
    ),
    one<{ n: number }>(sql, `/* regions.count */ select count(*)::int as n from region where ${where}`, values),
  ]);
  return { found, totalCount: total?.n ?? 0 };
}

export async function insertRegion(sql: Sql, region: RegionRow): Promise<void> {
  await rows(
    sql,
    `/* regions.insert */ insert into region (id, name, endpoint, description, location, group_name, labels, management, added_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values(region),
  );
}

export async function updateRegion(sql: Sql, region: RegionRow): Promise<void> {
  await rows(
    sql,
    `/* regions.update */ update region set name = $2, endpoint = $3, description = $4, location = $5, group_name = $6,
       labels = $7, management = $8, added_at = $9 where id = $1`,
    values(region),
  );
}

const values = (region: RegionRow): unknown[] => [
  region.id,
  region.name,
  region.endpoint,
  region.description,
  region.location === null ? null : JSON.stringify(region.location),
  region.groupName,
  JSON.stringify(region.labels),
  region.management,
  region.addedAt,
];

/** Asks for a comparison; answers the region as it is then. */
export async function requestAlignment(sql: Sql, id: string): Promise<RegionRow> {
  const text = `/* regions.realign */ update region set realign_requested_at = clock_timestamp() where id = $1 returning ${COLUMNS}`;
  return (await rows<RegionRow>(sql, text, [id]))[0]!;
}

/** What a region says that it runs. Writes only what is new. */
export async function saveSchemas(sql: Sql, id: string, schemas: Readonly<Record<string, string>>): Promise<void> {
  await rows(
    sql,
    '/* regions.schemas */ update region set schemas = $2 where id = $1 and schemas is distinct from $2::jsonb',
    [id, JSON.stringify(schemas)],
  );
}

/** With all that the centre has of it, but for what the logs say. */
export async function deleteRegion(sql: Sql, id: string): Promise<void> {
  await rows(sql, '/* regions.deleteAccount */ delete from feed_account where region = $1', [id]);
  await rows(sql, '/* regions.delete */ delete from region where id = $1', [id]);
}
