// Oldest first. Append only.
import { FleetRegionsAndMirror } from './0001-regions-and-mirror.ts';
import { FleetFeedHistory } from './0002-feed-history.ts';
import { FleetHiddenAlarms } from './0003-hidden-alarms.ts';
import { FleetRegionSchemas } from './0010-region-schemas.ts';

export const fleetMigrations = [FleetRegionsAndMirror, FleetFeedHistory, FleetHiddenAlarms, FleetRegionSchemas];
