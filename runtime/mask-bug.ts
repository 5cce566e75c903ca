// What clients hear of a bug, through every door: that there was one. The log has the rest.
import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from './log.ts';

/** What clients may know of an error that is no bug of ours; null for one that is. */
export type FaultOf = (error: Error) => GraphQLError | null;

/** Only errors that were made as GraphQLErrors were meant for clients; anything else is a bug of ours, or such a fault. */
export function maskBug(
  log: Logger,
  formatted: GraphQLFormattedError,
  error: unknown,
  faultOf: FaultOf = () => null,
): GraphQLFormattedError {
  const cause = unwrapResolverError(error);
  if (cause instanceof GraphQLError || !(cause instanceof Error)) return formatted;
  log.error({ err: cause, path: formatted.path }, 'resolver failed');
  const fault = faultOf(cause);
  return {
    ...formatted,
    message: fault?.message ?? 'Internal error; the log has the details.',
    extensions: { ...formatted.extensions, code: 'INTERNAL_SERVER_ERROR', ...fault?.extensions },
  };
}
