// The SQL that the logs of a region (the alarm history, the event log) share: what they are narrowed by and how they are
// paged: newest first by time, then by number, so that a page reads only the days it needs.
import type { Severity } from '../../../catalogue/catalogue.ts';
import type { Page } from '../../../runtime/connection.ts';

export interface LogFilter {
  readonly after?: Date | null;
  readonly before?: Date | null;
  readonly entityInstanceId?: string | null;
  readonly hosts?: readonly string[] | null;
  readonly severities?: readonly Severity[] | null;
}

/**
 * Conditions on a log whose rows carry the catalogue's id in `id`; takes the first eight parameters. A list of one is said
 * a second time as an equality: only then is an index read in the order of the page.
 */
export const logConditions = (id: 'alarm_id' | 'event_id'): string => `($1::timestamptz is null or at >= $1)
  and ($2::timestamptz is null or at < $2)
  and ($3::text is null or entity_instance_id = $3)
  and ($4::text[] is null or hostname = any($4))
  and ($5::text[] is null or ${id} = any($5))
  and ($6::text[] is null or severity = any($6))
  and ($7::text is null or hostname = $7)
  and ($8::text is null or ${id} = $8)`;

export const logValues = (filter: LogFilter, ids: readonly string[] | null | undefined): unknown[] => [
  filter.after ?? null,
  filter.before ?? null,
  filter.entityInstanceId ?? null,
  filter.hosts ?? null,
  ids ?? null,
  filter.severities ?? null,
  onlyOne(filter.hosts),
  onlyOne(ids),
];

const onlyOne = (list: readonly string[] | null | undefined): string | null => (list?.length === 1 ? list[0]! : null);

/** Values of a page: the key before it, and one row more than it has. */
export const logPage = (page: Page): unknown[] => [page.after?.[0] ?? null, page.after?.[1] ?? null, page.first + 1];

export const keyOfLogged = ({
  at,
  sequence,
}: {
  readonly at: string;
  readonly sequence: string;
}): readonly string[] => [at, sequence];
