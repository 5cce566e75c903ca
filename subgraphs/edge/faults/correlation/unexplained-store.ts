// Which alarms no other open alarm explains, as a condition for any list of alarms.
import { HOST_CAUSES, quoted, rankSql, seenSql } from '../../../catalogue/correlation.ts';

/** Holds for rows of `alarm` that no open alarm explains. Found by alarm_open_key: a cause lies on the host itself. */
export const UNEXPLAINED = `not exists (
  select 1 from alarm cause
  where cause.cleared_at is null and cause.alarm_id in (${quoted(HOST_CAUSES)})
    and cause.entity_instance_id = 'host=' || alarm.hostname and cause.hostname = alarm.hostname
    and ${seenSql('cause')} and (${rankSql('cause')}) < (${rankSql('alarm')}))`;
