// Reads what decides about hosts beside their own state: names, roles, the other controller, storage, power, configuration.
import type { Sql } from '../../../runtime/sql.ts';
import type { ListedHost } from '../hosts/host.ts';
import type { HostJobRow } from './host-job.ts';
import type { HostPower } from './host-power.ts';
import type { LifecycleAvailability, LifecycleState, Peer, Surroundings } from './host-state.ts';
import { type ControllerRow, countHosts, findControllers, findStorageMembers } from './lifecycle-store.ts';
import type { PendingConfiguration } from './pending-configuration.ts';
import { storageRefusal } from './storage-needs.ts';

export interface SurroundingsDeps {
  readonly power: HostPower;
  readonly configuration: PendingConfiguration;
}

/** By host id, in a fixed number of statements. */
export async function surroundingsOf(
  sql: Sql,
  hosts: readonly ListedHost[],
  { power, configuration }: SurroundingsDeps,
): Promise<ReadonlyMap<string, Surroundings>> {
  const controllers = await findControllers(sql);
  const isOnlyHost = controllers.length === 1 && (await countHosts(sql)) === 1;
  const locked = hosts.filter(({ administrative }) => administrative === 'LOCKED').map(({ id }) => id);
  const isController = hosts.some(({ personality }) => personality === 'CONTROLLER');
  const members =
    isController || hosts.some(({ personality }) => personality === 'STORAGE') ? await findStorageMembers(sql) : [];
  const configured = [...locked, ...(isController ? controllers.map(({ id }) => id) : [])];
  const waiting = configured.length === 0 ? new Map<string, string[]>() : await configuration.waiting(sql, configured);
  return new Map(
    hosts.map(host => [
      host.id,
      {
        hostname: host.hostname,
        personality: host.personality,
        managementMac: host.managementMac,
        controllerRole: controllerRoleOf(host),
        simplex: isOnlyHost && host.personality === 'CONTROLLER',
        peer: host.personality === 'CONTROLLER' ? peerAmong(controllers, host.id, waiting) : null,
        powerRefusal: power.available(host),
        storageRefusal: storageRefusal(host.id, members),
        configurationWaits: waiting.has(host.id),
        configurationRefusals: waiting.get(host.id) ?? [],
      },
    ]),
  );
}

export const controllerRoleOf = ({
  personality,
  activeController,
}: Pick<ListedHost, 'personality' | 'activeController'>): 'ACTIVE' | 'STANDBY' | null => {
  if (personality !== 'CONTROLLER') return null;
  return activeController === true ? 'ACTIVE' : 'STANDBY';
};

function peerAmong(
  controllers: readonly ControllerRow[],
  id: string,
  waiting: ReadonlyMap<string, unknown>,
): Peer | null {
  const other = controllers.find(controller => controller.id !== id);
  if (!other) return null;
  const { hostname, operational, availability, busy } = other;
  return {
    hostname,
    enabled: operational === 'ENABLED',
    degraded: availability === 'DEGRADED',
    busy,
    outOfDate: waiting.has(other.id),
  };
}

/** The state of a host as the machine takes it. */
export function stateOf(host: ListedHost, job: HostJobRow | null): LifecycleState {
  const { administrative, operational, provisioning, impaired, failure } = host;
  return {
    administrative,
    operational,
    availability: GIVEN.has(host.availability) ? (host.availability as LifecycleAvailability) : 'OFFLINE',
    provisioning,
    impaired,
    failure,
    job: job?.step ? { action: job.action, step: job.step } : null,
  };
}

const GIVEN: ReadonlySet<string> = new Set<LifecycleAvailability>([
  'AVAILABLE',
  'DEGRADED',
  'INTEST',
  'FAILED',
  'OFFLINE',
  'ONLINE',
  'POWER_OFF',
]);
