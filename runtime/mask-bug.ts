// What clients hear of a bug, through every door: that there was one. The log has the rest.
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from './log.ts';

/** Only errors that were made as GraphQLErrors were meant for clients; anything else is a bug of ours. */
export function maskBug(log: Logger, formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  if (cause instanceof GraphQLError || !(cause instanceof Error)) return formatted;
  log.error({ err: cause, path: formatted.path }, 'resolver failed');
  return {
    ...formatted,
    message: 'Internal error; the log has the details.',
    extensions: { ...formatted.extensions, code: 'INTERNAL_SERVER_ERROR' },
  };
}
