// GraphQL onto mirrored alarms: fleet-wide lists and counts. Never leaves the centre.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import type { AlarmRate } from '../../../catalogue/alarm-rate.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { FleetContext } from '../context.ts';
import type { MirrorAlarm } from '../mirror/mirror-rows.ts';
import { regionsInScope } from '../regions/region-scope.ts';
import type { RegionWatch } from '../regions/region-watch.ts';
import type { AlarmFilter } from './alarm-filter.ts';
import { type AlarmOrder, countAlarms, countBySeverity, listAlarms, ORDERS } from './alarm-store.ts';
import { oldestContact, summarize } from './alarm-summary.ts';

interface ListArguments extends PageArguments {
  readonly filter?: AlarmFilter | null;
  readonly orderBy?: AlarmOrder | null;
}

export function alarmResolvers(
  dataSource: DataSource,
  watch: RegionWatch,
  rate: { look(): Promise<AlarmRate> },
): Resolvers {
  return {
    Query: {
      alarms: async (_: unknown, args: ListArguments) => {
        const orderBy = args.orderBy ?? 'NEWEST_FIRST';
        const filter = args.filter ?? {};
        const { parts, keyOf } = ORDERS[orderBy];
        const page = pageOf(args, parts);
        const found = await listAlarms(dataSource, filter, orderBy, page);
        const totalCount = () => countAlarms(dataSource, filter);
        const scope = regionsInScope(watch.table(), filter);
        return connectionOf({
          found,
          page,
          totalCount,
          keyOf,
          asOf: oldestContact(scope.map(({ contact }) => contact)),
        });
      },
      alarmSummary: async (_: unknown, { filter }: { filter?: AlarmFilter | null }) => {
        const counts = await countBySeverity(dataSource, filter ?? {});
        return summarize(regionsInScope(watch.table(), filter ?? {}), counts);
      },
      alarmRate: () => rate.look(),
    },
    Alarm: {
      id: (alarm: MirrorAlarm) => makeId(alarm.region, alarm.id),
      region: (alarm: MirrorAlarm, _: unknown, context: FleetContext) => context.regionOf(alarm.region),
      acknowledged: ({ acknowledgedAt, acknowledgedBy, acknowledgedComment }: MirrorAlarm) =>
        acknowledgedAt === null ? null : { at: acknowledgedAt, by: acknowledgedBy, comment: acknowledgedComment },
      host: ({ region, hostname }: MirrorAlarm, _: unknown, context: FleetContext) =>
        hostname === null ? null : context.hostByName.load({ region, hostname }),
    },
  };
}
