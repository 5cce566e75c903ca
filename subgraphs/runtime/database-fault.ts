// Tells a database that is away from a bug of ours, for those who asked.
import type { GraphQLError } from 'graphql';
import { codedError } from '../../schema/errors.ts';

/** Socket errors, and the SQLSTATEs with which PostgreSQL ends or refuses connections (class 08, 53300, 57P01 to 57P03). */
const AWAY = /^(ECONN\w+|ETIMEDOUT|EPIPE|ENOENT|EHOSTUNREACH|08\w{3}|53300|57P0[1-3])$/;
/** The driver's own errors have no code. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** What is said of an error that a database brought about which is away; null for any other. */
export function databaseFault(error: Error): GraphQLError | null {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (!AWAY.test(code) && !LOST.test(error.message)) return null;
  return codedError(
    'DATABASE_UNREACHABLE',
    'The database cannot be reached. A change that was asked for may have been made or not: repeat it with the same idempotencyKey.',
  );
}
