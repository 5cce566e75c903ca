// Oldest first. Append only.
import { FaultsAlarms } from './0001-alarms.ts';

export const faultsMigrations = [FaultsAlarms];
