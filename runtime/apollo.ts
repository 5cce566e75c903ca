// An ApolloServer as every door of ours has it: no stack traces outside, bugs masked and logged, faults left coded.
import { ApolloServer, type ApolloServerOptions, type BaseContext } from '@apollo/server';
import { unwrapResolverError } from '@apollo/server/errors';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from './log.ts';

/** `faultOf`: what clients may know of an error that is no bug; null for one that is. */
export async function openApollo<C extends BaseContext>(
  log: Logger,
  options: ApolloServerOptions<C>,
  faultOf: (error: Error) => GraphQLError | null = () => null,
): Promise<ApolloServer<C>> {
  const apollo = new ApolloServer<C>({
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false, // runPart drains
    formatError: (formatted, error) => maskBug(log, faultOf, formatted, error),
    logger: log,
    ...options,
    plugins: [
      ApolloServerPluginCacheControlDisabled(), // it looks at every field; the door says no-store for all
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ...(options.plugins ?? []),
    ],
  } as ApolloServerOptions<C>);
  await apollo.start();
  return apollo;
}

/** Only errors that were made as GraphQLErrors were meant for clients; anything else is a bug of ours. */
function maskBug(
  log: Logger,
  faultOf: (error: Error) => GraphQLError | null,
  formatted: GraphQLFormattedError,
  error: unknown,
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
