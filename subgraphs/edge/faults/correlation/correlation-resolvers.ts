// GraphQL onto what explains an alarm and what an alarm explains.
import { isSeen, NO_CAUSE, rankOf, rootCauseOf } from '../../../catalogue/correlation.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { type AlarmList, keyOfAlarm } from '../alarms/alarm-store.ts';
import type { FaultsContext } from '../context.ts';

const NOTHING: AlarmList = { found: [], totalCount: 0 };

export const correlationResolvers = (now: () => Date): Resolvers => ({
  Alarm: {
    rootCause: async (alarm: AlarmRow, _: unknown, { correlation }: FaultsContext) => {
      if (alarm.hostname === null || alarm.clearedAt !== null) return null;
      return rootCauseOf(alarm, await correlation.causesByHost.load(alarm.hostname));
    },
    impacted: async (alarm: AlarmRow, args: PageArguments, { correlation }: FaultsContext) => {
      const page = pageOf(args, ['instant', 'uuid']);
      const rank = rankOf(alarm);
      const explains = rank < NO_CAUSE && isSeen(alarm);
      const list = explains
        ? await correlation.impactedByCause.load({ hostname: alarm.hostname!, rank, page })
        : NOTHING;
      return connectionOf({ ...list, page, keyOf: keyOfAlarm, asOf: now().toISOString() });
    },
  },
});
