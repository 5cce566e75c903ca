// The one way stores talk to PostgreSQL: labelled SQL in, rows out. Instants are ISO strings in every row, so that a
// row means the same in a table, a JSON document and an answer.
import pg from 'pg';

const TIMESTAMPTZ = 1184; // pg_type.oid
pg.types.setTypeParser(TIMESTAMPTZ, instantReader());

/** Rows that were written together have the same instants, one after another: the last one is kept. */
function instantReader(): (text: string) => string {
  let last = { text: '', iso: '' };
  return text => {
    if (text !== last.text) last = { text, iso: new Date(text).toISOString() };
    return last.iso;
  };
}

/** A DataSource, an EntityManager or a QueryRunner. */
export interface Sql {
  query(text: string, parameters?: unknown[]): Promise<unknown>;
}

/** TypeORM answers `[rows, count]` for UPDATE and DELETE and plain rows for everything else: always rows here. */
export async function rows<T>(sql: Sql, text: string, parameters: readonly unknown[] = []): Promise<T[]> {
  const answer = (await sql.query(text, [...parameters])) as unknown[];
  return (Array.isArray(answer[0]) && typeof answer[1] === 'number' ? answer[0] : answer) as T[];
}

export async function one<T>(sql: Sql, text: string, parameters: readonly unknown[] = []): Promise<T | null> {
  return (await rows<T>(sql, text, parameters))[0] ?? null;
}

/** `a` and `b` with the LIKE wildcards taken literally: for "contains" filters. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** The column and the type of each field, as `alarm_id text`. */
export type Columns<Row> = { readonly [Field in keyof Row]?: string };

export const nameOf = (column: string): string => column.split(' ')[0]!;

export const namesOf = <Row>(columns: Columns<Row>): string[] =>
  Object.values<string | undefined>(columns).map(column => nameOf(column!));

/**
 * Many rows as a table for a statement to read, one array a column. A column that says the same in all rows goes once:
 * reading arrays is a third of what a bulk insert costs the server. The first column must tell the rows apart.
 */
export function tableOf<Row>(
  columns: Columns<Row>,
  all: readonly Row[],
): { readonly table: string; readonly values: unknown[] } {
  const given = Object.entries<string | undefined>(columns).map(([field, column], i) => {
    const [name, type] = column!.split(' ');
    const list = all.map(row => row[field as keyof Row]);
    const same = i > 0 && list.every(value => value === list[0]);
    return { name, parameter: `$${i + 1}::${type}`, same, value: same ? list[0] : list };
  });
  const selected = given.map(({ name, parameter, same }) => (same ? `${parameter} as ${name}` : name));
  const arrays = given.filter(({ same }) => !same);
  const table = `(select ${selected.join(', ')} from unnest(${arrays.map(a => `${a.parameter}[]`).join(', ')})
    as item (${arrays.map(a => a.name).join(', ')}))`;
  return { table, values: given.map(({ value }) => value) };
}
