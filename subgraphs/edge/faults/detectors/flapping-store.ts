// All SQL of the flapping detector.
import { rows, type Sql } from '../../../runtime/sql.ts';
import type { AlarmRow } from '../alarms/alarm.ts';
import { type AlarmKey, COLUMNS } from '../alarms/alarm-store.ts';
import type { PastLife } from './flapping.ts';

/** Of each key the last `most` lives that ended after an instant, newest first. */
export const findPastLives = (
  sql: Sql,
  keys: readonly AlarmKey[],
  after: string,
  most: number,
): Promise<(PastLife & AlarmKey)[]> =>
  rows(
    sql,
    `/* flapping.pastLives */ select past.*
     from (select distinct * from unnest($1::text[], $2::text[]) as given (kind, place)) as wanted
     cross join lateral (
       select alarm_id as "alarmId", entity_instance_id as "entityInstanceId", raised_at as "raisedAt",
         cleared_at as "clearedAt", flapping
       from alarm where alarm_id = wanted.kind and entity_instance_id = wanted.place and cleared_at > $3
       order by cleared_at desc limit $4
     ) as past`,
    [keys.map(key => key.alarmId), keys.map(key => key.entityInstanceId), after, most],
  );

/** Open alarms that are marked and were raised at this instant or earlier; at most so many. */
export const findQuiet = (sql: Sql, raisedBy: string, most: number): Promise<AlarmRow[]> =>
  rows(
    sql,
    `/* flapping.quiet */ select ${COLUMNS} from alarm
     where flapping and cleared_at is null and raised_at <= $1 order by raised_at, id limit $2`,
    [raisedBy, most],
  );
