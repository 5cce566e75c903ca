// Oldest first. Append only.
import { FaultsAlarms } from './0001-alarms.ts';
import { FaultsAlarmComments } from './0002-alarm-comments.ts';

export const faultsMigrations = [FaultsAlarms, FaultsAlarmComments];
