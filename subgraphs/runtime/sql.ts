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
