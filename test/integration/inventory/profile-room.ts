// A region whose hosts can do what profiles ask, for tests of profiles and configurations: its door, and what its lifecycle
// does with hosts.
import { inject } from 'vitest';
import type { HostReport } from '../../../agent/report.ts';
import { configuredHost } from '../../../agent/simulated/configured-machine.ts';
import type { Hardware } from '../../../subgraphs/edge/inventory/hardware/hardware.ts';
import { findByIds, saveHost } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { configurationService } from '../../../subgraphs/edge/inventory/profiles/configuration-service.ts';
import { findConfigurations } from '../../../subgraphs/edge/inventory/profiles/configuration-store.ts';
import { NOTHING } from '../../../subgraphs/edge/inventory/profiles/nodal-configuration.ts';
import { inventoryTables } from '../../../subgraphs/edge/inventory/tables.ts';
import { openDatabase, regionDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { aHost } from '../../support/builders.ts';
import type { leftovers } from '../../support/leftovers.ts';
import { aMachine } from '../../support/machines.ts';
import { quiet } from '../../support/settings.ts';
import { ask, type Variables } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

export const local = (id: string): string => id.split('/')[1]!;

export const MEMORY = { memory: [{ node: 1, platformReservedMiB: 4_096, hugePages1G: 32 }] };
export const MANAGEMENT = { name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', networks: ['mgmt'] };

const REFUSALS = 'userErrors { code message path }';
const CONFIGURATION = `cpu { node platform shared isolated application } memory { node platformReservedMiB hugePages2M hugePages1G }
  interfaces { name type class port networks vlanId uses bondMode vfCount vfDriver mtu } partitions { disk name sizeMiB }
  storage { disk function journal }`;
const PROFILE = `profile { id name description version hostCount configuration { ${CONFIGURATION} } labels { key value } }`;
const HOST = `labels { key value } profile { name } configuration { configurationStatus profileVersion pendingSince appliedAt
  pending { ${CONFIGURATION} } applied { ${CONFIGURATION} } diff { path from to } failures { part message } }`;

let made = 0;

function aReport() {
  const n = (++made).toString(16).padStart(2, '0');
  const macs = [`02:bb:00:00:${n}:00`, `02:bb:00:00:${n}:01`, `02:bb:00:00:${n}:02`] as const;
  return { ...aHost({ identity: macs[0], managementMac: macs[0] }), ...aMachine(macs) };
}

export type ProfileRoom = Awaited<ReturnType<typeof aProfileRoom>>;

export async function aProfileRoom(left: ReturnType<typeof leftovers>) {
  const house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  const door = hands(house);
  const lifecycle = await openLifecycle(house);
  left.add(() => lifecycle.close());
  const mutate = (field: string, result: string) => async (input: Variables) => {
    const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} ${REFUSALS} } }`;
    return (await ask(house.url('inventory'), query, { input })).payload;
  };
  const createRaw = mutate('createHostProfile', PROFILE);
  const create = (input: Variables = {}) => createRaw({ region: 'lagos-1', name: `profile ${++made}`, ...input });
  return {
    ...{ house, door, lifecycle, mutate, create, aReport },
    update: mutate('updateHostProfile', PROFILE),
    remove: mutate('deleteHostProfile', PROFILE),
    apply: mutate('applyHostProfile', `host { ${HOST} } diff { path from to }`),
    /** Its id. */
    aProfile: async (configuration: object, labels: object[] = []): Promise<string> =>
      (await create({ configuration, labels })).profile.id,
    aLockedHost: async () => {
      const report = aReport();
      const { host } = await door.report(report);
      await lifecycle.lock(host.id);
      return { id: host.id as string, report };
    },
    hostOf: async (id: string) =>
      (await ask(house.url('inventory'), `query ($id: ID!) { host(id: $id) { ${HOST} } }`, { id })).host,
  };
}

/** The hardware, or a report of it, as it is once it has taken a configuration. */
export const taking = <T extends Hardware>(hardware: T, configuration: object): T =>
  configuredHost(hardware as unknown as HostReport, { ...NOTHING, ...configuration }) as unknown as T;

/** Takes hosts in and out of service at once, without jobs and boots. */
async function openLifecycle(house: House) {
  const database = regionDatabase(house.config.database.prefix, 'lagos-1');
  const dataSource = await openDatabase({
    ...{ url: inject('databaseUrl'), database, tables: inventoryTables, poolSize: 2, log: quiet },
  });
  const outbox = openOutbox({ dataSource, channel: 'inventory_outbox', now: () => new Date() });
  const configurations = configurationService({ outbox });
  const change = async (id: string, fields: object) => {
    const [host] = await findByIds(dataSource, [local(id)]);
    await saveHost(dataSource, { ...host!, ...fields });
  };
  return {
    lock: (id: string) => change(id, { administrative: 'LOCKED' }),
    /** The host takes what is pending. */
    unlock: async (id: string) => {
      const [known] = await findConfigurations(dataSource, [local(id)]);
      const [host] = await findByIds(dataSource, [local(id)]);
      const hardware = known?.pending ? taking(host!.hardware!, known.pending) : host!.hardware;
      await change(id, { administrative: 'UNLOCKED', hardware });
      await outbox.transaction(tx => configurations.settle(tx, local(id)));
    },
    /** Null when nothing waits. */
    refusals: async (id: string) => (await configurations.waiting(dataSource, [local(id)])).get(local(id)) ?? null,
    close: () => dataSource.destroy(),
  };
}
