// Oldest first. Append only.
import { FleetRegionsAndMirror } from './0001-regions-and-mirror.ts';
import { FleetFeedHistory } from './0002-feed-history.ts';
import { FleetHiddenAlarms } from './0003-hidden-alarms.ts';
import { FleetMaintenance } from './0004-maintenance.ts';
import { FleetAlarmCauses } from './0005-alarm-causes.ts';
import { FleetSnapshots } from './0006-snapshots.ts';
import { FleetFeedAccount } from './0007-feed-account.ts';
import { FleetAlarmCounts } from './0008-alarm-counts.ts';
import { FleetRegionSchemas } from './0010-region-schemas.ts';
import { FleetHostInventory } from './0011-host-inventory.ts';
import { FleetDepartures } from './0012-departures.ts';
import { FleetDeviceNames } from './0013-device-names.ts';

export const fleetMigrations = [
  FleetRegionsAndMirror,
  FleetFeedHistory,
  FleetHiddenAlarms,
  FleetMaintenance,
  FleetAlarmCauses,
  FleetSnapshots,
  FleetFeedAccount,
  FleetAlarmCounts,
  FleetRegionSchemas,
  FleetHostInventory,
  FleetDepartures,
  FleetDeviceNames,
];
