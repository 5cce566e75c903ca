// Oldest first. Append only.
import { FaultsAlarms } from './0001-alarms.ts';
import { FaultsAlarmComments } from './0002-alarm-comments.ts';
import { FaultsAlarmHistory } from './0003-alarm-history.ts';
import { FaultsSuppressions } from './0004-suppressions.ts';
import { FaultsMasking } from './0005-masking.ts';
import { FaultsMaintenanceWindows } from './0006-maintenance-windows.ts';
import { FaultsEventLog } from './0007-event-log.ts';
import { FaultsFlapping } from './0008-flapping.ts';
import { FaultsFasterIngest } from './0010-faster-ingest.ts';
import { FaultsHostConditions } from './0011-host-conditions.ts';

export const faultsMigrations = [
  FaultsAlarms,
  FaultsAlarmComments,
  FaultsAlarmHistory,
  FaultsSuppressions,
  FaultsMasking,
  FaultsMaintenanceWindows,
  FaultsEventLog,
  FaultsFlapping,
  FaultsFasterIngest,
  FaultsHostConditions,
];
