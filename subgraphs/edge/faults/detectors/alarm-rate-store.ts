// All SQL of the alarm rate: what operators were told of, read from the outbox by number, so that nothing is counted
// twice and nothing late is missed. Alarms that are raised hidden do not count.
import type { Raised, RaisedSource } from '../../../catalogue/alarm-rate.ts';
import { one, rows, type Sql } from '../../../runtime/sql.ts';

export const raisedInRegion = (sql: Sql): RaisedSource => ({
  read: async after => {
    const found = await rows<Raised & { position: string }>(
      sql,
      `/* alarmRate.read */ select h.sequence as position, floor(extract(epoch from o.at))::int as second, count(o.at)::int as n
       from outbox_head h left join outbox o on o.sequence > $1 and o.sequence <= h.sequence and o.kind = 'RAISED'
         and o."row"::jsonb @> '{"suppressed": false, "masked": false, "inMaintenance": false}'
       group by 1, 2`,
      [after],
    );
    return { position: found[0]!.position, raised: found.filter(({ n }) => n > 0) };
  },
  before: async instant => {
    const found = await one<{ position: string }>(
      sql,
      `/* alarmRate.start */ select coalesce(
         (select sequence - 1 from alarm_transition where at >= $1 order by at, sequence limit 1),
         (select sequence from outbox_head)) as position`,
      [instant],
    );
    return found!.position;
  },
});
