// Transactions whose statements need not wait for each other. On a pipelined connection statements that are sent together
// go out in one write: BEGIN goes with the first statement, COMMIT with the last.
import type { DataSource } from 'typeorm';
import type { Sql } from './sql.ts';

export interface Transaction extends Sql {
  /**
   * For a statement that was sent and whose answer nobody needs before the commit. What it fails with, the transaction
   * fails with: PostgreSQL takes a COMMIT after a failed statement as a ROLLBACK.
   */
  later(statement: Promise<unknown>): void;
}

/** Commits what `work` did, or nothing of it when `work` or any statement fails. */
export async function transaction<T>(dataSource: DataSource, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  let failure: { readonly error: unknown } | undefined; // the first: what comes after it only says "aborted"
  const sent: Promise<unknown>[] = [];
  const later = (statement: Promise<unknown>): void => {
    sent.push(
      statement.catch(error => {
        failure ??= { error };
      }),
    );
  };
  try {
    await runner.connect();
    later(runner.query('begin'));
    try {
      const result = await work({ query: (text, parameters) => runner.query(text, parameters), later });
      later(runner.query('commit'));
      await Promise.all(sent);
      if (!failure) return result;
    } catch (error) {
      later(runner.query('rollback')); // behind all that was sent
      await Promise.all(sent);
      failure ??= { error };
    }
    throw failure.error;
  } finally {
    await runner.release();
  }
}
