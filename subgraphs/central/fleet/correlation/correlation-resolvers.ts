// GraphQL onto what explains a mirrored alarm and what it explains: as its region says it, and above that the loss of the
// region (280.001), which the centre itself raises and which explains all that is known of the region.
import { isSeen, NO_CAUSE, rankOf, rootCauseOf } from '../../../catalogue/correlation.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { oldestContact } from '../alarms/alarm-summary.ts';
import type { FleetContext } from '../context.ts';
import { LOSS_ALARM } from '../mirror/loss-alarm.ts';
import type { MirrorAlarm } from '../mirror/mirror-rows.ts';
import { regionsInScope } from '../regions/region-scope.ts';
import type { RegionWatch } from '../regions/region-watch.ts';
import type { Cause, ImpactedList } from './correlation-store.ts';

const NOTHING: ImpactedList = { found: [], totalCount: 0 };

/** The centre's own alarm; its local id is its alarmId, a region's are UUIDs. */
const isLoss = ({ id }: MirrorAlarm): boolean => id === LOSS_ALARM;

export const correlationResolvers = (watch: RegionWatch): Resolvers => ({
  Alarm: {
    rootCause: async (alarm: MirrorAlarm, _: unknown, { correlation }: FleetContext) => {
      if (alarm.clearedAt !== null || isLoss(alarm)) return null;
      const { region, hostname } = alarm;
      const causes = await correlation.causesAt.load({ region, hostname });
      return causes.find(isLoss) ?? rootCauseOf(alarm, causes);
    },
    impacted: async (alarm: MirrorAlarm, args: PageArguments, { correlation }: FleetContext) => {
      const page = pageOf(args, ['instant', 'uuid']);
      const cause = causeOf(alarm);
      const list = cause === null ? NOTHING : await correlation.impactedByCause.load({ ...cause, page });
      const [region] = regionsInScope(watch.table(), { regions: [alarm.region] });
      return connectionOf({ ...list, page, keyOf, asOf: oldestContact(region ? [region.contact] : []) });
    },
  },
});

function causeOf(alarm: MirrorAlarm): Cause | null {
  const { region, hostname } = alarm;
  if (!isSeen(alarm)) return null;
  if (isLoss(alarm)) return { region, hostname: null, rank: 0 };
  const rank = rankOf(alarm);
  return rank < NO_CAUSE ? { region, hostname, rank } : null;
}

/** The same as in the region, so that its cursors serve here too. */
const keyOf = ({ raisedAt, id }: MirrorAlarm): readonly string[] => [raisedAt, id];
