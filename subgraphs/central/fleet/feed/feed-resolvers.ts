// GraphQL onto the alarm feed.
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AlarmFilter } from '../alarms/alarm-filter.ts';
import type { FleetContext } from '../context.ts';
import { type AlarmFeedDeps, type AlarmFeedEvent, alarmFeed } from './alarm-feed.ts';

interface FeedArguments {
  readonly filter?: AlarmFilter | null;
  readonly after?: string | null;
}

export function feedResolvers(deps: AlarmFeedDeps): Resolvers {
  return {
    Subscription: {
      alarmFeed: {
        subscribe: (_: unknown, { filter, after }: FeedArguments) => {
          if (after !== undefined && after !== null) deps.cursors.parse(after); // refuse before the first event
          return alarmFeed(deps, { filter: filter ?? {}, after: after ?? null });
        },
        resolve: (event: AlarmFeedEvent) => event,
      },
    },
    AlarmFeedEvent: {
      region: ({ region }: AlarmFeedEvent, _: unknown, context: FleetContext) =>
        region === null ? null : context.regionById.load(region),
    },
  };
}
