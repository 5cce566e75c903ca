// GraphQL onto the fleet-wide history of alarms.
import type { DataSource } from 'typeorm';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { FleetContext } from '../context.ts';
import {
  type AlarmHistoryFilter,
  countTransitions,
  keyOfTransition,
  type LoggedTransition,
  listTransitions,
} from './history-store.ts';

export function historyResolvers(dataSource: DataSource): Resolvers {
  return {
    Query: {
      alarmHistory: async (_: unknown, args: PageArguments & { filter?: AlarmHistoryFilter | null }) => {
        const filter = args.filter ?? {};
        const page = pageOf(args, ['sequence']);
        const found = await listTransitions(dataSource, filter, page);
        const totalCount = () => countTransitions(dataSource, filter);
        return connectionOf({ found, page, totalCount, keyOf: keyOfTransition });
      },
    },
    AlarmTransition: {
      sequence: ({ alarm }: LoggedTransition) => alarm.sequence,
      severity: ({ alarm }: LoggedTransition) => alarm.severity,
      reasonText: ({ alarm }: LoggedTransition) => alarm.reasonText,
      by: ({ alarm }: LoggedTransition) => alarm.note?.by ?? null,
      comment: ({ alarm }: LoggedTransition) => alarm.note?.comment ?? null,
      // an alarm of a region that has since left the graph has no place in it any more
      alarm: async ({ alarm, region }: LoggedTransition, _: unknown, context: FleetContext) =>
        (await context.regionById.load(region)) === null ? null : { ...alarm, region },
    },
  };
}
