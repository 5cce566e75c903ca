// Oldest first. Append only.
import { FaultsAlarms } from './0001-alarms.ts';
import { FaultsAlarmComments } from './0002-alarm-comments.ts';
import { FaultsAlarmHistory } from './0003-alarm-history.ts';

export const faultsMigrations = [FaultsAlarms, FaultsAlarmComments, FaultsAlarmHistory];
