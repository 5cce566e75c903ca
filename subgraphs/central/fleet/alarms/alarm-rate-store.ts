// All SQL of the fleet's alarm rate: what operators were told of, read from the feed's log by position and counted when
// the centre took it in. Alarms that are raised hidden do not count.
import type { Raised, RaisedSource } from '../../../catalogue/alarm-rate.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';

export const raisedInFleet = (sql: Sql): RaisedSource => ({
  read: async after => {
    const found = await rows<Raised & { position: string }>(
      sql,
      `/* fleetRate.read */ select h.position, floor(extract(epoch from l.taken_at))::int as second, count(l.taken_at)::int as n
       from feed_head h left join feed_log l on l.position > $1 and l.position <= h.position and l.kind = 'RAISED'
         and not coalesce((l.alarm->>'suppressed')::boolean, false) and not coalesce((l.alarm->>'masked')::boolean, false)
         and not coalesce((l.alarm->>'inMaintenance')::boolean, false)
       group by 1, 2`,
      [after],
    );
    return { position: found[0]!.position, raised: found.filter(({ n }) => n > 0) };
  },
  before: async instant => {
    const found = await one<{ position: string }>(
      sql,
      `/* fleetRate.start */ select coalesce(
         (select position - 1 from feed_log where taken_at >= $1 order by taken_at, position limit 1),
         (select position from feed_head)) as position`,
      [instant],
    );
    return found!.position;
  },
});
