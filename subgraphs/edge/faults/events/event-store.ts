// All SQL on the event log.
import type { Page } from '../../../runtime/connection.ts';
import { namesOf, one, rows, type Sql, tableOf } from '../../../runtime/sql.ts';
import { type LogFilter, logConditions, logPage, logValues } from '../history/log-store.ts';
import type { EventRow } from './event.ts';

const WRITTEN = {
  sequence: 'sequence bigint',
  id: 'id uuid',
  eventId: 'event_id text',
  severity: 'severity text',
  entityTypeId: 'entity_type_id text',
  entityInstanceId: 'entity_instance_id text',
  hostname: 'hostname text',
  reasonText: 'reason_text text',
  occurredAt: 'occurred_at timestamptz',
  at: 'at timestamptz',
} as const satisfies { [K in keyof EventRow]: string };

const COLUMNS = `id, sequence, event_id as "eventId", severity, entity_type_id as "entityTypeId",
  entity_instance_id as "entityInstanceId", hostname, reason_text as "reasonText", occurred_at as "occurredAt", at`;

/** `RegionEventFilter` of the SDL. */
export interface EventFilter extends LogFilter {
  readonly eventIds?: readonly string[] | null;
}

/** Takes the next `n` numbers; answers the one before them. Held to the end of the transaction: no gaps. */
export async function takeNumbers(sql: Sql, n: number): Promise<string> {
  const head = await one<{ before: string }>(
    sql,
    '/* events.number */ update event_head set sequence = sequence + $1 returning sequence - $1 as before',
    [n],
  );
  return head!.before;
}

export async function lastNumber(sql: Sql): Promise<string> {
  const head = await one<{ sequence: string }>(sql, '/* events.head */ select sequence from event_head');
  return head!.sequence;
}

export async function insertEvents(sql: Sql, events: readonly EventRow[]): Promise<void> {
  const { table, values } = tableOf<EventRow>(WRITTEN, events);
  await rows(sql, `/* events.insert */ insert into event (${namesOf(WRITTEN)}) select * from ${table} as new`, values);
}

const FILTER = logConditions('event_id');

const filterValues = (filter: EventFilter): unknown[] => logValues(filter, filter.eventIds);

const AFTER = '($9::timestamptz is null or (at <= $9 and (at, sequence) < ($9, $10::bigint)))';

/** The page, and when there is one the event after it. */
export const listEvents = (sql: Sql, filter: EventFilter, page: Page): Promise<EventRow[]> =>
  rows(
    sql,
    `/* events.page */ select ${COLUMNS} from event where ${FILTER} and ${AFTER}
     order by at desc, sequence desc limit $11`,
    [...filterValues(filter), ...logPage(page)],
  );

export async function countEvents(sql: Sql, filter: EventFilter): Promise<number> {
  const found = await one<{ n: number }>(
    sql,
    `/* events.count */ select count(*)::int as n from event where ${FILTER}`,
    filterValues(filter),
  );
  return found?.n ?? 0;
}

/** The same page for many hosts in one statement. */
export async function listEventsByHost(
  sql: Sql,
  hostnames: readonly string[],
  filter: EventFilter,
  page: Page,
): Promise<Map<string, EventRow[]>> {
  const found = await rows<EventRow & { hostname: string }>(
    sql,
    `/* events.pageByHost */ select page.* from unnest($12::text[]) as wanted (name)
     cross join lateral (
       select ${COLUMNS} from event where hostname = wanted.name and ${FILTER} and ${AFTER}
       order by at desc, sequence desc limit $11
     ) as page`,
    [...filterValues(filter), ...logPage(page), hostnames],
  );
  const lists = new Map<string, EventRow[]>(hostnames.map(name => [name, []]));
  for (const event of found) lists.get(event.hostname)?.push(event);
  return lists;
}

export async function countEventsByHost(
  sql: Sql,
  hostnames: readonly string[],
  filter: EventFilter,
): Promise<Map<string, number>> {
  const found = await rows<{ hostname: string; n: number }>(
    sql,
    `/* events.countByHost */ select hostname, count(*)::int as n from event
     where hostname = any($9::text[]) and ${FILTER} group by hostname`,
    [...filterValues(filter), hostnames],
  );
  const counts = new Map(found.map(({ hostname, n }) => [hostname, n]));
  return new Map(hostnames.map(name => [name, counts.get(name) ?? 0]));
}
