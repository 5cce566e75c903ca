// Where an agent's hosts come from: the very machine, or a scenario. Knows nothing of regions' doors.
import type { HostTaskOrder, HostTaskPlan } from './host-task.ts';
import type {
  AlarmReport,
  ChecksReport,
  EventReport,
  HostReport,
  SoftwareReport,
  UsageSample,
  VitalsReport,
} from './report.ts';

export interface HostSource {
  /** What the hosts are made of. */
  discover(): Promise<readonly HostReport[]>;
  /** Cheap enough for every heartbeat. */
  vitals(): Promise<readonly VitalsReport[]>;
  /** How full the hosts' resources are. */
  usage(): Promise<readonly UsageSample[]>;
  /** Which release the hosts run. */
  software(): Promise<readonly SoftwareReport[]>;
  /** How the processes and ports are that are watched. */
  checks(): Promise<readonly ChecksReport[]>;
  /** Alarms that stand from the start on; raised once. */
  standingAlarms(): readonly AlarmReport[];
  /** What the start of the agent itself is an event of. */
  startEvents(): readonly EventReport[];
  /** What happened since the last call, or since the start; oldest first. */
  events(): readonly EventReport[];
  /** What it makes of an order to one of its hosts; nothing happens yet. */
  plan(identity: string, order: HostTaskOrder): HostTaskPlan;
}
