// GraphQL onto the alarm feed.
import { badInput } from '../../../../schema/errors.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AlarmFilter } from '../alarms/alarm-filter.ts';
import type { FleetContext } from '../context.ts';
import { type AlarmFeedDeps, type AlarmFeedEvent, alarmFeed } from './alarm-feed.ts';

interface FeedArguments {
  readonly filter?: AlarmFilter | null;
  readonly after?: string | null;
  readonly heartbeatSeconds?: number | null;
}

export function feedResolvers(deps: AlarmFeedDeps): Resolvers {
  return {
    Subscription: {
      alarmFeed: {
        subscribe: (_: unknown, { filter, after, heartbeatSeconds }: FeedArguments) => {
          refuseRootCausesOnly(filter);
          if (after !== undefined && after !== null) deps.cursors.parse(after); // refuse before the first event
          const heartbeatMs = heartbeatOf(heartbeatSeconds) ?? deps.heartbeatMs;
          return alarmFeed({ ...deps, heartbeatMs }, { filter: filter ?? {}, after: after ?? null });
        },
        resolve: (event: AlarmFeedEvent) => event,
      },
    },
    AlarmFeedEvent: {
      region: ({ region, left }: AlarmFeedEvent, _: unknown, context: FleetContext) =>
        left ?? (region === null ? null : context.regionOf(region)),
      // of a region that nothing is known of any more, not even that it left
      alarm: async ({ alarm }: AlarmFeedEvent, _: unknown, context: FleetContext) =>
        alarm !== null && (await context.regionOf(alarm.region)) !== null ? alarm : null,
    },
  };
}

/** Whoever was not told of an alarm would never hear that its root cause has gone: that is no change of the alarm. */
function refuseRootCausesOnly(filter: AlarmFilter | null | undefined): void {
  if (filter?.rootCausesOnly)
    throw badInput(
      'filter.rootCausesOnly is for lists and counts: an alarm becomes a root cause without a change of its own, which a ' +
        'feed would not tell. Leave it out and ask each event for alarm { rootCause { id } }.',
    );
}

const LONGEST_SECONDS = 3_600;

function heartbeatOf(seconds: number | null | undefined): number | null {
  if (seconds === undefined || seconds === null) return null;
  if (seconds < 1 || seconds > LONGEST_SECONDS)
    throw badInput(`heartbeatSeconds must be between 1 and ${LONGEST_SECONDS}; it is ${seconds}.`);
  return seconds * 1_000;
}
