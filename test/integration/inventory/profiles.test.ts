// Host profiles at a real region's door: made, changed, applied to hosts that can do what they ask, in effect at unlock.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { findByIds, saveHost } from '../../../subgraphs/edge/inventory/hosts/host-store.ts';
import { configurationService } from '../../../subgraphs/edge/inventory/profiles/configuration-service.ts';
import { inventoryTables } from '../../../subgraphs/edge/inventory/tables.ts';
import { openDatabase, regionDatabase } from '../../../subgraphs/runtime/database.ts';
import { openOutbox } from '../../../subgraphs/runtime/outbox.ts';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { aMachine } from '../../support/machines.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { ask, type Variables } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;
/** What the region's lifecycle does with hosts and their configurations. */
let lifecycle: Awaited<ReturnType<typeof openLifecycle>>;
let made = 0;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
  lifecycle = await openLifecycle();
  left.add(() => lifecycle.close());
});

async function openLifecycle() {
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
    unlock: async (id: string) => {
      await change(id, { administrative: 'UNLOCKED' });
      await outbox.transaction(tx => configurations.apply(tx, local(id)));
    },
    refusals: async (id: string) => (await configurations.refusals(dataSource, [local(id)])).get(local(id)) ?? [],
    close: () => dataSource.destroy(),
  };
}

const local = (id: string): string => id.split('/')[1]!;

function aReport() {
  const n = (++made).toString(16).padStart(2, '0');
  const macs = [`02:bb:00:00:${n}:00`, `02:bb:00:00:${n}:01`, `02:bb:00:00:${n}:02`] as const;
  return { ...aHost({ identity: macs[0], managementMac: macs[0] }), ...aMachine(macs) };
}

const aLockedHost = async () => {
  const report = aReport();
  const { host } = await door.report(report);
  await lifecycle.lock(host.id);
  return { id: host.id as string, report };
};

const REFUSALS = 'userErrors { code message path }';
const CONFIGURATION = `cpu { node platform shared isolated application } memory { node platformReservedMiB hugePages2M hugePages1G }
  interfaces { name type class port networks vlanId uses bondMode vfCount vfDriver mtu } partitions { disk name sizeMiB }
  storage { disk function journal }`;
const PROFILE = `profile { id name description version hostCount configuration { ${CONFIGURATION} } labels { key value } }`;
const HOST = `labels { key value } profile { name } configuration { configurationStatus profileVersion pendingSince appliedAt
  pending { ${CONFIGURATION} } applied { ${CONFIGURATION} } diff { path from to } }`;

const mutate = (field: string, result: string) => async (input: Variables) => {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} ${REFUSALS} } }`;
  return (await ask(house.url('inventory'), query, { input })).payload;
};
const createRaw = mutate('createHostProfile', PROFILE);
const update = mutate('updateHostProfile', PROFILE);
const remove = mutate('deleteHostProfile', PROFILE);
const apply = mutate('applyHostProfile', `host { ${HOST} } diff { path from to }`);
const create = (input: Variables = {}) => createRaw({ region: 'lagos-1', name: `profile ${++made}`, ...input });
const aProfile = async (configuration: object, labels: object[] = []): Promise<string> =>
  (await create({ configuration, labels })).profile.id;
const hostOf = async (id: string) =>
  (await ask(house.url('inventory'), `query ($id: ID!) { host(id: $id) { ${HOST} } }`, { id })).host;

const MEMORY = { memory: [{ node: 1, platformReservedMiB: 4_096, hugePages1G: 32 }] };
const MANAGEMENT = { name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', networks: ['mgmt'] };

describe('a profile', () => {
  test('is kept with everything that was left out filled in', async () => {
    const { profile, userErrors } = await create({
      name: 'far edge',
      description: 'vRAN',
      configuration: { ...MEMORY, cpu: [{ node: 0, platform: 2 }], interfaces: [MANAGEMENT] },
      labels: [{ key: 'sriov', value: 'enabled' }],
    });
    expect(userErrors).toEqual([]);
    expect(profile).toMatchObject({ name: 'far edge', description: 'vRAN', version: 1, hostCount: 0 });
    expect(profile.configuration).toEqual({
      cpu: [{ node: 0, platform: 2, shared: 0, isolated: 0, application: null }],
      memory: [{ node: 1, platformReservedMiB: 4_096, hugePages2M: 0, hugePages1G: 32 }],
      interfaces: [
        {
          ...{ ...MANAGEMENT, port: null, vlanId: null, uses: [], bondMode: null },
          ...{ vfCount: null, vfDriver: null, mtu: 1_500 },
        },
      ],
      partitions: [],
      storage: [],
    });
    const query = 'query ($id: ID!) { hostProfile(id: $id) { name labels { key value } } }';
    expect((await ask(house.url('inventory'), query, { id: profile.id })).hostProfile).toEqual({
      name: 'far edge',
      labels: [{ key: 'sriov', value: 'enabled' }],
    });
  });

  test('has a name of its own, and faults are told with their place', async () => {
    await create({ name: 'twice' });
    expect((await create({ name: 'twice' })).userErrors).toMatchObject([
      { code: 'ALREADY_EXISTS', path: ['input', 'name'] },
    ]);
    const { profile, userErrors } = await create({
      name: ' ',
      configuration: { memory: [{ node: 0, platformReservedMiB: -1 }], interfaces: [{ name: 'v', type: 'VLAN' }] },
    });
    expect(profile).toBeNull();
    expect(userErrors.map((error: { path: string[] }) => error.path.join('.'))).toEqual([
      'input.name',
      'input.configuration.memory.0.platformReservedMiB',
      'input.configuration.interfaces.0.uses',
      'input.configuration.interfaces.0.vlanId',
    ]);
  });

  test('made under an idempotencyKey is made once', async () => {
    const input = { name: 'once', idempotencyKey: randomUUID() };
    const answer = await create(input);
    expect(await create(input)).toEqual(answer);
  });

  test('is changed field by field, and not over the head of somebody who changed it meanwhile', async () => {
    const id = await aProfile(MEMORY, [{ key: 'a', value: '1' }]);
    const { profile } = await update({ id, description: 'now with words', version: 1 });
    expect(profile).toMatchObject({ version: 2, description: 'now with words', labels: [{ key: 'a', value: '1' }] });
    expect(profile.configuration.memory).toHaveLength(1);
    expect((await update({ id, version: 1, labels: [] })).userErrors).toMatchObject([{ code: 'VERSION_CONFLICT' }]);
    expect((await update({ id, configuration: {}, labels: [] })).profile).toMatchObject({
      version: 3,
      labels: [],
      configuration: { memory: [] },
    });
    const other = (await create({ name: 'other' })).profile;
    expect((await update({ id, name: other.name })).userErrors).toMatchObject([{ code: 'ALREADY_EXISTS' }]);
  });

  test('that a host has is not deleted; one that none has is', async () => {
    const { id: host } = await aLockedHost();
    const [used, unused] = [await aProfile(MEMORY), await aProfile(MEMORY)];
    await apply({ id: host, profile: used });
    expect((await remove({ id: used })).userErrors).toMatchObject([{ code: 'IN_USE', path: ['input', 'id'] }]);
    expect((await remove({ id: unused })).userErrors).toEqual([]);
    expect((await remove({ id: unused })).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    await apply({ id: host, profile: await aProfile(MEMORY) });
    expect((await remove({ id: used })).profile).toMatchObject({ id: used });
  });
});

describe('applying a profile', () => {
  test('shows first what it would change, and changes nothing', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile(MEMORY, [{ key: 'rack', value: 'r7' }]);
    const { host, diff, userErrors } = await apply({ id, profile, dryRun: true });
    expect(userErrors).toEqual([]);
    expect(diff).toEqual([
      { path: 'memory[1].hugePages1G', from: '4', to: '32' },
      { path: 'memory[1].hugePages2M', from: '16', to: '0' },
      { path: 'memory[1].platformReservedMiB', from: null, to: '4096' },
      { path: 'labels[rack]', from: null, to: 'r7' },
    ]);
    expect(host).toMatchObject({ labels: [], profile: null, configuration: null });
    expect(await hostOf(id)).toMatchObject({ labels: [], profile: null, configuration: null });
  });

  test('waits for the unlock, which the alarm 250.001 says until then; labels are there at once', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile({ ...MEMORY, cpu: [{ node: 1, platform: 1, isolated: 2 }] }, [
      { key: 'rack', value: 'r7' },
    ]);
    const { host } = await apply({ id, profile });
    expect(host).toMatchObject({
      labels: [{ key: 'rack', value: 'r7' }],
      configuration: { configurationStatus: 'OUT_OF_DATE', applied: null, pending: MEMORY, profileVersion: 1 },
    });
    expect(host.configuration.diff).toHaveLength(6);
    const conditions = () =>
      house.rows('select alarm_id, source, instance from inventory.host_condition where host_id = $1', [local(id)]);
    expect(await conditions()).toEqual([{ alarm_id: '250.001', source: 'configuration', instance: '' }]);
    const [change] = await house.rows(
      'select "row" from inventory.outbox where entity_id = $1 order by sequence desc limit 1',
      [local(id)],
    );
    expect(change.row.conditions).toMatchObject([{ alarmId: '250.001', severity: 'MAJOR' }]);
    await lifecycle.unlock(id);
    const { configuration } = await hostOf(id);
    expect(configuration).toMatchObject({
      configurationStatus: 'UP_TO_DATE',
      pending: null,
      diff: [],
      applied: MEMORY,
    });
    expect(configuration.appliedAt).not.toBeNull();
    expect(await conditions()).toEqual([]);
    const cpus = 'query ($id: ID!) { host(id: $id) { cpu { logicalCpus { number function } } } }';
    const { logicalCpus } = (await ask(house.url('inventory'), cpus, { id })).host.cpu;
    expect(logicalCpus.filter((cpu: { function: string }) => cpu.function === 'APPLICATION_ISOLATED')).toMatchObject([
      { number: 5 },
      { number: 6 },
      { number: 13 },
      { number: 14 },
    ]);
    expect(logicalCpus[0].function).toBeNull(); // node 0 was not assigned
  });

  test('of a second profile adds to what the first one said of other nodes', async () => {
    const { id } = await aLockedHost();
    await apply({ id, profile: await aProfile(MEMORY) });
    const second = await aProfile({ memory: [{ node: 0, platformReservedMiB: 8_000 }] });
    const { host } = await apply({ id, profile: second });
    expect(host.configuration.pending.memory.map(({ node }: { node: number }) => node)).toEqual([0, 1]);
  });

  test('to an unlocked host is refused, but for labels alone, or when nothing is to be changed', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile(MEMORY);
    await apply({ id, profile });
    await lifecycle.unlock(id);
    expect((await apply({ id, profile })).userErrors).toEqual([]);
    const another = await aProfile({ memory: [{ ...MEMORY.memory[0], hugePages1G: 8 }] });
    const refused = await apply({ id, profile: another });
    expect(refused).toMatchObject({ host: null, userErrors: [{ code: 'HOST_UNLOCKED', path: ['input', 'id'] }] });
    expect(refused.diff).toEqual([{ path: 'memory[1].hugePages1G', from: '32', to: '8' }]);
    const labels = await aProfile({}, [{ key: 'rack', value: 'r8' }]);
    const { host } = await apply({ id, profile: labels });
    expect(host).toMatchObject({ labels: [{ key: 'rack', value: 'r8' }], configuration: { applied: MEMORY } });
  });

  test('names all that the hardware cannot do, with its place in the profile, and changes nothing', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile(
      {
        cpu: [
          { node: 0, platform: 1 },
          { node: 1, isolated: 5 },
        ],
        memory: [{ node: 1, platformReservedMiB: 4_096, hugePages1G: 61 }],
        interfaces: [MANAGEMENT, { name: 'ens1f0', type: 'ETHERNET', class: 'PCI_SRIOV', vfCount: 65 }],
        storage: [{ disk: '/dev/sda', function: 'NOVA_LOCAL' }],
      },
      [{ key: 'rack', value: 'r7' }],
    );
    const { host, userErrors } = await apply({ id, profile });
    expect(host).toBeNull();
    const at = ['input', 'profile', 'configuration'];
    expect(userErrors).toMatchObject([
      { code: 'DOES_NOT_FIT', path: [...at, 'cpu', '1', 'isolated'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'memory', '0', 'hugePages1G'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'interfaces', '1', 'vfCount'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'storage', '0', 'disk'] },
    ]);
    expect(await hostOf(id)).toMatchObject({ labels: [], configuration: null });
  });

  test('to a host that nobody has seen is refused', async () => {
    const { host } = await mutate(
      'addHost',
      'host { id }',
    )({
      ...{ region: 'lagos-1', managementMac: '02:bb:ff:00:00:01', personality: 'WORKER', hostname: 'unseen' },
    });
    const { userErrors } = await apply({ id: host.id, profile: await aProfile(MEMORY) });
    expect(userErrors).toMatchObject([{ code: 'DOES_NOT_FIT', path: ['input', 'id'] }]);
  });

  test('that is not there, or to a host that is not, is refused', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile(MEMORY);
    const nobody = `lagos-1/${randomUUID()}`;
    expect((await apply({ id, profile: nobody })).userErrors).toMatchObject([{ path: ['input', 'profile'] }]);
    expect((await apply({ id: nobody, profile })).userErrors).toMatchObject([{ path: ['input', 'id'] }]);
  });

  test('under an idempotencyKey happens once', async () => {
    const { id } = await aLockedHost();
    const profile = await aProfile(MEMORY);
    const input = { id, profile, idempotencyKey: randomUUID() };
    const { diff } = await apply(input);
    await lifecycle.unlock(id);
    expect((await apply(input)).diff).toEqual(diff);
    expect((await hostOf(id)).configuration).toMatchObject({ configurationStatus: 'UP_TO_DATE' });
  });
});

test('a simulated machine has what it was configured to have, from its first report after the unlock on', async () => {
  const { id, report } = await aLockedHost();
  const interfaces = [MANAGEMENT, { name: 'ens1f0', type: 'ETHERNET', class: 'PCI_SRIOV', vfCount: 8 }];
  await apply({ id, profile: await aProfile({ ...MEMORY, interfaces }) });
  const query = `query ($id: ID!) { host(id: $id) { memory { freeMiB hugePages { pageSizeKiB total } }
    ports { sriov { configuredVfs } } hardwareChanges { nodes { path to } } } }`;
  const seen = async () => {
    await door.report(report);
    return (await ask(house.url('inventory'), query, { id })).host;
  };
  expect((await seen()).memory[1].hugePages).toContainEqual({ pageSizeKiB: 1_048_576, total: 4 });
  await lifecycle.unlock(id);
  const { memory, ports, hardwareChanges } = await seen();
  expect(memory[1].hugePages).toContainEqual({ pageSizeKiB: 1_048_576, total: 32 });
  expect(memory[1].freeMiB).toBe(32_768 - 28 * 1_024 + 16 * 2);
  expect(ports[1].sriov).toEqual({ configuredVfs: 8 });
  expect(hardwareChanges.nodes).toContainEqual({ path: 'memory[1].hugePages[1048576 KiB]', to: '32' });
  const { nodes } = (await seen()).hardwareChanges;
  expect(nodes).toEqual(hardwareChanges.nodes);
});

test('the lifecycle refuses an unlock that does not fit, and the boot of one that does puts the configuration into effect', async () => {
  const report = { ...aReport(), bootId: 'boot-1' };
  const { id } = (await door.report(report)).host;
  const STATE = 'administrative availability configuration { configurationStatus } memory { hugePages { total } }';
  const read = async () =>
    (await ask(house.url('inventory'), `query ($id: ID!) { host(id: $id) { ${STATE} } }`, { id })).host;
  await mutate('lockHost', 'host { id }')({ id });
  await eventually('the host is locked', async () => (await read()).administrative === 'LOCKED');
  await apply({
    id,
    profile: await aProfile({ ...MEMORY, interfaces: [MANAGEMENT, { name: 'ens1f1', type: 'ETHERNET' }] }),
  });
  const unlock = mutate('unlockHost', 'host { id }');
  await door.report({ ...report, ports: report.ports.slice(0, 2) });
  expect((await unlock({ id })).userErrors).toMatchObject([{ code: 'CONFIGURATION_REFUSED' }]);
  await door.report(report);
  expect((await unlock({ id })).userErrors).toEqual([]);
  expect(await read()).toMatchObject({ configuration: { configurationStatus: 'OUT_OF_DATE' } });
  await door.report({ ...report, bootId: 'boot-2' });
  const { configuration, memory } = await read();
  expect(configuration).toEqual({ configurationStatus: 'UP_TO_DATE' });
  expect(memory[1].hugePages).toEqual([{ total: 0 }, { total: 32 }]);
});

test('an unlock is refused when the hardware can no longer do what waits for it', async () => {
  const { id, report } = await aLockedHost();
  await apply({ id, profile: await aProfile({ interfaces: [MANAGEMENT, { name: 'ens1f1', type: 'ETHERNET' }] }) });
  expect(await lifecycle.refusals(id)).toEqual([]);
  await door.report({ ...report, ports: report.ports.slice(0, 2) });
  expect(await lifecycle.refusals(id)).toEqual([
    'Configuration, interfaces.1.name: The host has no port ens1f1; it has eno1, ens1f0.',
  ]);
});

test('the configurations and profiles of a page of hosts cost a fixed number of statements', async () => {
  const page = `hosts { nodes { profile { name hostCount } cpu { logicalCpus { function } }
    configuration { configurationStatus diff { path } } } }`;
  const read = () => door.region('inventory', page);
  const before = await statementsOf(/^(profiles|configurations)\./, read);
  for (let i = 0; i < 4; i++) await apply({ id: (await aLockedHost()).id, profile: await aProfile(MEMORY) });
  expect(await statementsOf(/^(profiles|configurations)\./, read)).toEqual(before);
  expect(before).toEqual(['configurations.byHosts', 'profiles.byIds', 'profiles.hosts']);
});

test("a region's profiles are listed by name, in pages", async () => {
  const list = 'hostProfiles(first: $first, after: $after) { totalCount nodes { name } pageInfo { endCursor } }';
  const read = (variables: Variables) =>
    door.region('inventory', list, variables, ', $first: Int, $after: Cursor').then(region => region.hostProfiles);
  const all = await read({ first: 500 });
  expect(all.nodes).toHaveLength(all.totalCount);
  const first = await read({ first: 2 });
  const rest = await read({ first: 500, after: first.pageInfo.endCursor });
  expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes);
});
