// An ApolloServer as every door of ours has it: no stack traces outside, bugs masked and logged, faults left coded.
import { ApolloServer, type ApolloServerOptions, type BaseContext } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Logger } from './log.ts';
import { type FaultOf, maskBug } from './mask-bug.ts';

export async function openApollo<C extends BaseContext>(
  log: Logger,
  options: ApolloServerOptions<C>,
  faultOf?: FaultOf,
): Promise<ApolloServer<C>> {
  const apollo = new ApolloServer<C>({
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false, // runPart drains
    formatError: (formatted, error) => maskBug(log, formatted, error, faultOf),
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
