// Profiles are applied to hosts of a real region: what they change, what is refused, and what is in effect when.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { REPORT_HEARTBEATS, REPORT_TASK } from '../../../agent/operations.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { statementsOf } from '../edge/statements.ts';
import { aProfileRoom, local, MANAGEMENT, MEMORY, type ProfileRoom, taking } from './profile-room.ts';

const left = leftovers();
let room: ProfileRoom;

beforeAll(async () => {
  room = await aProfileRoom(left);
});

describe('applying a profile', () => {
  test('shows first what it would change, and changes nothing', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile(MEMORY, [{ key: 'rack', value: 'r7' }]);
    const { host, diff, userErrors } = await room.apply({ id, profile, dryRun: true });
    expect(userErrors).toEqual([]);
    expect(diff).toEqual([
      { path: 'memory[1].hugePages1G', from: '4', to: '32' },
      { path: 'memory[1].hugePages2M', from: '16', to: '0' },
      { path: 'memory[1].platformReservedMiB', from: null, to: '4096' },
      { path: 'labels[rack]', from: null, to: 'r7' },
    ]);
    expect(host).toMatchObject({ labels: [], profile: null, configuration: null });
    expect(await room.hostOf(id)).toMatchObject({ labels: [], profile: null, configuration: null });
  });

  test('waits for the unlock, which the alarm 250.001 says until then; labels are there at once', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile({ ...MEMORY, cpu: [{ node: 1, platform: 1, isolated: 2 }] }, [
      { key: 'rack', value: 'r7' },
    ]);
    const { host } = await room.apply({ id, profile });
    expect(host).toMatchObject({
      labels: [{ key: 'rack', value: 'r7' }],
      configuration: { configurationStatus: 'OUT_OF_DATE', applied: null, pending: MEMORY, profileVersion: 1 },
    });
    expect(host.configuration.diff).toHaveLength(6);
    const conditions = () =>
      room.house.rows('select alarm_id, source, instance from inventory.host_condition where host_id = $1', [
        local(id),
      ]);
    expect(await conditions()).toEqual([{ alarm_id: '250.001', source: 'configuration', instance: '' }]);
    const [change] = await room.house.rows(
      'select "row" from inventory.outbox where entity_id = $1 order by sequence desc limit 1',
      [local(id)],
    );
    expect(change.row.conditions).toMatchObject([{ alarmId: '250.001', severity: 'MAJOR' }]);
    await room.lifecycle.unlock(id);
    const { configuration } = await room.hostOf(id);
    expect(configuration).toMatchObject({
      configurationStatus: 'UP_TO_DATE',
      pending: null,
      diff: [],
      applied: MEMORY,
    });
    expect(configuration.appliedAt).not.toBeNull();
    expect(await conditions()).toEqual([]);
    const cpus = 'query ($id: ID!) { host(id: $id) { cpu { logicalCpus { number function } } } }';
    const { logicalCpus } = (await ask(room.house.url('inventory'), cpus, { id })).host.cpu;
    expect(logicalCpus.filter((cpu: { function: string }) => cpu.function === 'APPLICATION_ISOLATED')).toMatchObject([
      { number: 5 },
      { number: 6 },
      { number: 13 },
      { number: 14 },
    ]);
    expect(logicalCpus[0].function).toBeNull(); // node 0 was not assigned
  });

  test('of a second profile adds to what the first one said of other nodes', async () => {
    const { id } = await room.aLockedHost();
    await room.apply({ id, profile: await room.aProfile(MEMORY) });
    const second = await room.aProfile({ memory: [{ node: 0, platformReservedMiB: 8_000 }] });
    const { host } = await room.apply({ id, profile: second });
    expect(host.configuration.pending.memory.map(({ node }: { node: number }) => node)).toEqual([0, 1]);
  });

  test('to an unlocked host is refused, but for labels alone, or when nothing is to be changed', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile(MEMORY);
    await room.apply({ id, profile });
    await room.lifecycle.unlock(id);
    expect((await room.apply({ id, profile })).userErrors).toEqual([]);
    const another = await room.aProfile({ memory: [{ ...MEMORY.memory[0], hugePages1G: 8 }] });
    const refused = await room.apply({ id, profile: another });
    expect(refused).toMatchObject({ host: null, userErrors: [{ code: 'HOST_UNLOCKED', path: ['input', 'id'] }] });
    expect(refused.diff).toEqual([{ path: 'memory[1].hugePages1G', from: '32', to: '8' }]);
    const labels = await room.aProfile({}, [{ key: 'rack', value: 'r8' }]);
    const { host } = await room.apply({ id, profile: labels });
    expect(host).toMatchObject({ labels: [{ key: 'rack', value: 'r8' }], configuration: { applied: MEMORY } });
  });

  test('names all that the hardware cannot do, with its place in the profile, and changes nothing', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile(
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
    const { host, userErrors } = await room.apply({ id, profile });
    expect(host).toBeNull();
    const at = ['input', 'profile', 'configuration'];
    expect(userErrors).toMatchObject([
      { code: 'DOES_NOT_FIT', path: [...at, 'cpu', '1', 'isolated'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'memory', '0', 'hugePages1G'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'interfaces', '1', 'vfCount'] },
      { code: 'DOES_NOT_FIT', path: [...at, 'storage', '0', 'disk'] },
    ]);
    expect(await room.hostOf(id)).toMatchObject({ labels: [], configuration: null });
  });

  test('to a host that nobody has seen is refused', async () => {
    const { host } = await room.mutate(
      'addHost',
      'host { id }',
    )({
      ...{ region: 'lagos-1', managementMac: '02:bb:ff:00:00:01', personality: 'WORKER', hostname: 'unseen' },
    });
    const { userErrors } = await room.apply({ id: host.id, profile: await room.aProfile(MEMORY) });
    expect(userErrors).toMatchObject([{ code: 'DOES_NOT_FIT', path: ['input', 'id'] }]);
  });

  test('that is not there, or to a host that is not, is refused', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile(MEMORY);
    const nobody = `lagos-1/${randomUUID()}`;
    expect((await room.apply({ id, profile: nobody })).userErrors).toMatchObject([{ path: ['input', 'profile'] }]);
    expect((await room.apply({ id: nobody, profile })).userErrors).toMatchObject([{ path: ['input', 'id'] }]);
  });

  test('under an idempotencyKey happens once', async () => {
    const { id } = await room.aLockedHost();
    const profile = await room.aProfile(MEMORY);
    const input = { id, profile, idempotencyKey: randomUUID() };
    const { diff } = await room.apply(input);
    await room.lifecycle.unlock(id);
    expect((await room.apply(input)).diff).toEqual(diff);
    expect((await room.hostOf(id)).configuration).toMatchObject({ configurationStatus: 'UP_TO_DATE' });
  });
});

test('a profile that is at odds with what an earlier one said is refused', async () => {
  const { id } = await room.aLockedHost();
  const partitions = [{ disk: '/dev/sdb', name: 'data', sizeMiB: 100 }];
  await room.apply({ id, profile: await room.aProfile({ partitions }) });
  const osd = await room.aProfile({ storage: [{ disk: '/dev/sdb', function: 'OSD' }] });
  expect((await room.apply({ id, profile: osd })).userErrors).toMatchObject([
    { code: 'DOES_NOT_FIT', path: ['input', 'profile'], message: '/dev/sdb is given to storage as a whole.' },
  ]);
});

test('at the door an unlock of what does not fit is refused; else the agent is told the configuration, and answers part by part', async () => {
  const report = { ...room.aReport(), bootId: 'boot-1' };
  const { id } = (await room.door.report(report)).host;
  const read = () => room.hostOf(id);
  await room.mutate('lockHost', 'host { id }')({ id });
  const STATE = 'query ($id: ID!) { host(id: $id) { administrative } }';
  await eventually('the host is locked', async () => {
    return (await ask(room.house.url('inventory'), STATE, { id })).host.administrative === 'LOCKED';
  });
  const said = { ...MEMORY, interfaces: [MANAGEMENT, { name: 'ens1f1', type: 'ETHERNET', mtu: 9_000 }] };
  await room.apply({ id, profile: await room.aProfile(said) });
  const unlock = room.mutate('unlockHost', 'host { id }');
  await room.door.report({ ...report, ports: report.ports.slice(0, 2) });
  expect((await unlock({ id })).userErrors).toMatchObject([{ code: 'CONFIGURATION_REFUSED' }]);
  await room.door.report(report);
  expect((await unlock({ id })).userErrors).toEqual([]);

  const { pending } = (await read()).configuration;
  const beat = async () => {
    const beats = { hosts: [{ id, uptimeSeconds: 9, bootId: 'boot-1' }] };
    return (await ask(room.house.url('inventory'), REPORT_HEARTBEATS.query, { input: beats })).reportHeartbeats.tasks;
  };
  const [task] = await beat();
  expect(task).toEqual({ id: expect.any(String), host: id, kind: 'APPLY_CONFIGURATION', configuration: pending });
  const answer = async (input: object) =>
    (await ask(room.house.url('inventory'), REPORT_TASK.query, { input })).reportTask.userErrors;
  expect(await answer({ id: task.id, state: 'DONE', parts: [{ part: '' }] })).toMatchObject([
    { code: expect.any(String), message: 'Must not be empty.' },
  ]);
  const parts = [{ part: 'memory[1]' }, { part: 'interfaces[ens1f1]', refusal: 'It cannot.' }];
  expect(await answer({ id: task.id, state: 'DONE', parts })).toEqual([]);
  expect(await beat()).toMatchObject([{ kind: 'REBOOT', configuration: null }]);
  await room.door.report({ ...taking(report, { memory: pending.memory }), bootId: 'boot-2' });
  const { configuration } = await read();
  expect(configuration).toMatchObject({
    configurationStatus: 'OUT_OF_DATE',
    applied: MEMORY,
    failures: [{ part: 'interfaces[ens1f1]', message: 'It cannot.' }],
  });
  expect(configuration.diff.map(({ path }: { path: string }) => path)).toContain('interfaces[ens1f1].mtu');
  expect(configuration.diff.every(({ path }: { path: string }) => path.startsWith('interfaces[ens1f1]'))).toBe(true);
});

test('an unlock is refused when the hardware can no longer do what waits for it', async () => {
  const { id, report } = await room.aLockedHost();
  await room.apply({
    id,
    profile: await room.aProfile({ interfaces: [MANAGEMENT, { name: 'ens1f1', type: 'ETHERNET' }] }),
  });
  expect(await room.lifecycle.refusals(id)).toEqual([]); // it waits, and nothing is against it
  await room.door.report({ ...report, ports: report.ports.slice(0, 2) });
  expect(await room.lifecycle.refusals(id)).toEqual([
    'Configuration, interfaces.1.name: The host has no port ens1f1; it has eno1, ens1f0.',
  ]);
});

test('the configurations and profiles of a page of hosts cost a fixed number of statements', async () => {
  const page = `hosts { nodes { profile { name hostCount } cpu { logicalCpus { function } }
    configuration { configurationStatus diff { path } } } }`;
  const read = () => room.door.region('inventory', page);
  const before = await statementsOf(/^(profiles|configurations)\./, read);
  for (let i = 0; i < 4; i++)
    await room.apply({ id: (await room.aLockedHost()).id, profile: await room.aProfile(MEMORY) });
  expect(await statementsOf(/^(profiles|configurations)\./, read)).toEqual(before);
  expect(before).toEqual(['configurations.byHosts', 'profiles.byIds', 'profiles.hosts']);
});
