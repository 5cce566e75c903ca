// Hosts found by their MAC addresses get a role from an operator, and what may be done with them is told, at a real door.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';
import { statementsOf } from '../edge/statements.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  // nobody beats for these hosts
  house = await aHouse(['lagos-1'], { inventory: { heartbeat: { failureAction: 'none' } } });
  left.add(() => house.stop());
  door = hands(house);
});

const HOST = `id hostname personality administrative operational availability provisioning subfunctions location
  install { console bootDevice } managementMac`;
const mutate = async (field: string, type: string, result: string, input: object) =>
  (
    await ask(
      house.url('inventory'),
      `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${result} } }`,
      {
        input,
      },
    )
  ).payload;
const boot = (...macs: string[]) =>
  mutate('reportBoot', 'ReportBootInput', `host { ${HOST} } userErrors { code path }`, { macs });
const update = (input: object) =>
  mutate('updateHost', 'UpdateHostInput', `host { ${HOST} } userErrors { code message path }`, input);
const unlock = (id: string, more: object = {}) =>
  mutate('unlockHost', 'UnlockHostInput', 'job { id action state step message } userErrors { code message path }', {
    id,
    ...more,
  });

let made = 0;
const mac = (): string => `02:00:00:aa:00:${(++made).toString(16).padStart(2, '0')}`;

describe('a network boot', () => {
  test('makes a host without name and role, once; its agent is recognised by the address', async () => {
    const [first, second] = [mac().toUpperCase(), mac()];
    const { host } = await boot(first, second);
    expect(host).toMatchObject({
      hostname: null,
      personality: null,
      administrative: 'LOCKED',
      availability: 'OFFLINE',
      provisioning: 'UNPROVISIONED',
      managementMac: first.toLowerCase(),
    });
    expect((await boot(first)).host.id).toBe(host.id);
    expect((await boot(second)).host.id).toBe(host.id); // the next time another of its ports comes first
    const report = aHost({
      identity: 'a-machine-id',
      managementMac: first,
      managementIp: null,
      personality: null,
      hostname: null,
    });
    const reported = (await door.report({ ...report })).host;
    expect(reported).toMatchObject({ id: host.id, administrative: 'LOCKED', availability: 'ONLINE' });
  });

  test('by any port of a host that has reported is a boot of that host', async () => {
    const [management, data] = [mac(), mac()];
    const ports = [management, data].map((mac, i) => ({
      name: `eno${i}`,
      mac,
      pciAddress: `0000:0${i}:00.0`,
      up: true,
    }));
    const report = { ...aHost(), identity: management, managementMac: management, ports };
    const { id } = (await door.report(report)).host;
    expect((await boot(data)).host.id).toBe(id);
  });

  test.each([
    ['no address', [], 'INVALID'],
    ['no MAC address', ['02:00'], 'INVALID'],
    ['an address of a group', ['01:00:5e:00:00:01'], 'INVALID'],
    ['65 addresses', Array(65).fill('02:00:00:aa:bb:cc'), 'TOO_LONG'],
  ])('with %s is refused', async (_, macs, code) => {
    const { host, userErrors } = await boot(...macs);
    expect(host).toBeNull();
    expect(userErrors[0]).toMatchObject({ code });
  });
});

describe('a role', () => {
  test('is given once, with what the host is installed by; the host is unlocked, and its agent asked to boot it', async () => {
    const managementMac = mac();
    const report = aHost({
      identity: managementMac,
      managementMac,
      managementIp: null,
      personality: null,
      hostname: null,
      bootId: 'boot-1',
    });
    const { id } = (await door.report({ ...report })).host;
    expect((await unlock(id)).userErrors).toMatchObject([
      {
        code: 'HOST_INCOMPLETE',
        message: expect.stringContaining('a personality and a hostname'),
        path: ['input', 'id'],
      },
    ]);
    expect((await update({ id, location: 'rack 7' })).userErrors).toMatchObject([
      { code: 'HOST_INCOMPLETE', path: ['input', 'personality'] },
    ]);
    const { host, userErrors } = await update({
      id,
      hostname: 'edge-9',
      personality: 'WORKER',
      subfunctions: ['worker', 'lowlatency'],
      location: 'rack 7',
      install: { console: 'ttyS1,115200' },
    });
    expect(userErrors).toEqual([]);
    expect(host).toMatchObject({
      hostname: 'edge-9',
      personality: 'WORKER',
      administrative: 'LOCKED',
      availability: 'ONLINE',
      subfunctions: ['worker', 'lowlatency'],
      location: 'rack 7',
      install: { console: 'ttyS1,115200', bootDevice: '/dev/sda' },
      managementMac,
    });
    expect((await update({ id, personality: 'STORAGE' })).userErrors).toMatchObject([
      { code: 'INVALID', message: expect.stringContaining('a role is fixed for life') },
    ]);
    expect((await unlock(id)).job).toMatchObject({ action: 'UNLOCK', state: 'RUNNING', step: 'BOOTING' });
    const { tasks } = await mutate('reportHeartbeats', 'ReportHeartbeatsInput', 'tasks { id host kind }', {
      hosts: [{ id, uptimeSeconds: 5, bootId: 'boot-1' }],
    });
    expect(tasks).toEqual([{ id: expect.stringMatching(/^lagos-1\//), host: id, kind: 'REBOOT' }]);
    const answer = { id: tasks[0].id, state: 'FAILED', message: 'x'.repeat(1_001) };
    expect(await mutate('reportTask', 'ReportTaskInput', 'userErrors { code path }', answer)).toEqual({
      userErrors: [{ code: 'TOO_LONG', path: ['input', 'message'] }],
    });
    for (const uptimeSeconds of [1, 2]) await door.beat({ hosts: [{ id, uptimeSeconds, bootId: 'boot-2' }] });
    const [there] = (await door.entities('inventory', [{ __typename: 'Host', id }], `... on Host { ${HOST} }`)).data
      ._entities;
    expect(there).toMatchObject({ administrative: 'UNLOCKED', availability: 'AVAILABLE', provisioning: 'PROVISIONED' });
    expect((await update({ id, hostname: 'other' })).userErrors).toMatchObject([{ code: 'HOST_UNLOCKED' }]);
    expect((await update({ id, location: 'rack 8' })).host).toMatchObject({ location: 'rack 8' });
  });

  test('without a name is numbered for a controller, and refused for a worker; a name belongs to one host', async () => {
    const unnamed = async () => (await boot(mac())).host.id;
    expect((await update({ id: await unnamed(), personality: 'STORAGE' })).host).toMatchObject({
      hostname: 'storage-0',
    });
    expect((await update({ id: await unnamed(), personality: 'WORKER' })).userErrors).toMatchObject([
      { message: 'A worker needs a hostname.' },
    ]);
    expect(
      (await update({ id: await unnamed(), personality: 'WORKER', hostname: 'storage-0' })).userErrors,
    ).toMatchObject([{ message: expect.stringContaining('belongs to') }]);
  });
});

describe('what may be done', () => {
  const ACTIONS =
    'actions { action allowed refusal } controllerRole task jobs(first: 3) { nodes { id message host { id } } totalCount }';

  test('is told of many hosts by as many statements as of one', async () => {
    for (let i = 0; i < 6; i++) await door.host();
    await door.host({ personality: 'CONTROLLER', hostname: 'controller-0' });
    const cost = (first: number) =>
      statementsOf(/^(hosts\.(page|count|by)|jobs\.(page|count|open)$|lifecycle\.(controllers|hosts)$)/, () =>
        door.region('inventory', `hosts(first: ${first}) { nodes { id ${ACTIONS} } }`),
      );
    const forOne = await cost(1);
    expect(forOne.length).toBeLessThan(9);
    expect(await cost(8)).toEqual(forOne);
  });

  test('jobs are told newest first, page by page, and by id', async () => {
    const { id } = await door.host();
    const key = randomUUID();
    const lock = (more: object = {}) =>
      mutate('lockHost', 'LockHostInput', 'host { administrative } job { id state } userErrors { code }', {
        id,
        ...more,
      });
    const first = await lock({ idempotencyKey: key });
    const jobOf = async (job: string) =>
      (await ask(house.url('inventory'), `{ hostJob(id: "${job}") { state host { id } } }`)).hostJob;
    await eventually('locked', async () => (await jobOf(first.job.id)).state === 'SUCCEEDED');
    expect(await lock({ idempotencyKey: key })).toEqual(first); // the first answer, as it was
    expect((await lock()).userErrors).toEqual([{ code: 'HOST_LOCKED' }]);
    await unlock(id, { force: true });
    const jobs = async (args: string) =>
      (
        await door.entities(
          'inventory',
          [{ __typename: 'Host', id }],
          `... on Host { jobs(${args}) { nodes { id action } totalCount pageInfo { endCursor } } }`,
        )
      ).data._entities[0].jobs;
    const page = await jobs('first: 1');
    expect(page).toMatchObject({ nodes: [{ action: 'FORCE_UNLOCK' }], totalCount: 2 });
    expect((await jobs(`first: 1, after: "${page.pageInfo.endCursor}"`)).nodes).toEqual([
      { id: first.job.id, action: 'LOCK' },
    ]);
    expect(await jobOf(`lagos-1/${randomUUID()}`)).toBeNull();
  });

  test('what a deleted host ran is forgotten', async () => {
    const { id } = await door.host();
    await door.software({ hosts: [{ id, release: 'only-here-1' }] });
    const software = async () =>
      (await door.entities('software', [{ __typename: 'Host', id }], '... on Host { software { release } }')).data
        ._entities[0].software;
    expect(await software()).toEqual({ release: 'only-here-1' });
    const result = 'job { id state } userErrors { code }';
    const lock = await mutate('lockHost', 'LockHostInput', result, { id });
    await eventually(
      'locked',
      async () =>
        (await ask(house.url('inventory'), `{ hostJob(id: "${lock.job.id}") { state } }`)).hostJob.state ===
        'SUCCEEDED',
    );
    expect((await mutate('deleteHost', 'DeleteHostInput', result, { id })).job).toMatchObject({ state: 'SUCCEEDED' });
    await eventually('no software', async () => (await software()) === null);
  });
});
