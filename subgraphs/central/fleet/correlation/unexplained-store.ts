// Which mirrored alarms no other open alarm explains, as a condition for any list of alarms.
import { HOST_CAUSES, quoted, rankSql, seenSql } from '../../../catalogue/correlation.ts';
import { LOSS_ALARM } from '../mirror/loss-alarm.ts';

/**
 * Holds for rows of `mirror_alarm m` that neither an alarm of their host nor the loss of their region explains. Each half
 * becomes a join with the few alarms that explain others, found by mirror_alarm_causes.
 */
export const UNEXPLAINED = `not exists (
    select 1 from mirror_alarm cause
    where cause.alarm_id in (${quoted(HOST_CAUSES)}) and cause.region = m.region and cause.hostname = m.hostname
      and ${seenSql('cause')} and (${rankSql('cause')}) < (${rankSql('m')}))
  and not exists (
    select 1 from mirror_alarm loss
    where loss.alarm_id = '${LOSS_ALARM}' and loss.origin = 'CENTRE' and loss.region = m.region and loss.id <> m.id)`;
