// Hosts of a simulated standard region, through the gateway: locked, unlocked, handed over and deleted, and what the alarm
// feed and the centre tell of it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Subscription, subscribe } from '../support/client.ts';
import { newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';

const REGION = 'lagos-1';
const FEED = `subscription { alarmFeed(filter: { regions: ["${REGION}"], includeMasked: true }) {
  kind alarm { alarmId entityInstanceId masked clearedAt } } }`;

interface FeedEvent {
  readonly alarmFeed: {
    readonly kind: string;
    readonly alarm: { alarmId: string; entityInstanceId: string; masked: boolean; clearedAt: string | null } | null;
  };
}

let stack: Stack;
let feed: Subscription<FeedEvent>;
const ids = new Map<string, string>();

const HOST = 'id hostname administrative operational availability task controllerRole failure';
// biome-ignore lint/suspicious/noExplicitAny: the shape of HOST and what a test asks beside it
const hostOf = async (name: string, more = ''): Promise<any> =>
  (await stack.ask(`query ($id: ID!) { host(id: $id) { ${HOST} ${more} } }`, { id: ids.get(name) })).data.host;

async function command(mutation: string, name: string, input: object = {}) {
  const type = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await stack.ask(
    `mutation ($input: ${type}!) { payload: ${mutation}(input: $input) { host { id administrative }
       job { id action state step progress } userErrors { code message path } } }`,
    { input: { id: ids.get(name), ...input } },
  );
  expect(errors).toBeUndefined();
  return data.payload;
}

/** Gives the command, and waits until its job has succeeded. */
async function carriedOut(mutation: string, name: string, input: object = {}): Promise<void> {
  const { job, userErrors } = await command(mutation, name, input);
  expect(userErrors).toEqual([]);
  await eventually(
    `${mutation} of ${name}`,
    async () => {
      const { data } = await stack.ask('query ($id: ID!) { hostJob(id: $id) { state message } }', { id: job.id });
      if (data.hostJob.state === 'FAILED') throw new Error(data.hostJob.message);
      return data.hostJob.state === 'SUCCEEDED';
    },
    40_000,
  );
}

const told = (kind: string, alarmId: string, entity: string) =>
  feed.next(
    `${kind} ${alarmId} ${entity}`,
    ({ alarmFeed: { kind: k, alarm } }) =>
      k === kind && alarm?.alarmId === alarmId && alarm.entityInstanceId === entity,
  );

const learnHosts = async (): Promise<void> => {
  const { data } = await stack.ask(`{ hosts(filter: { regions: ["${REGION}"] }) { nodes { id hostname } } }`);
  for (const { id, hostname } of data.hosts.nodes) ids.set(hostname, id);
};

beforeAll(async () => {
  stack = await startStack(await newPlace(), {
    flags: ['--regions', '2'],
    env: { MURMUR_AGENT_SIMULATED_BOOT_MS: '600', MURMUR_AGENT_HEARTBEAT_MS: '1000' },
  });
  await eventually('all hosts', async () => {
    await learnHosts();
    return ids.size === 6;
  });
  feed = subscribe(stack.place.url, FEED);
  await feed.next('the list of alarms', ({ alarmFeed }) => alarmFeed.kind === 'ALIGNED');
});

afterAll(async () => {
  await feed?.close();
  await stack?.stop();
  expect(processesOf(stack.place)).toEqual([]);
  stack?.place.remove();
});

test('a worker is locked, with its alarm, which hides its others; unlocked, it boots and is in service again', async () => {
  const bootedBefore = (await hostOf('compute-0', 'uptimeSeconds')).uptimeSeconds;
  await carriedOut('lockHost', 'compute-0');
  await told('RAISED', '200.001', 'host=compute-0');
  expect(await hostOf('compute-0')).toMatchObject({
    administrative: 'LOCKED',
    operational: 'DISABLED',
    availability: 'ONLINE',
  });
  const raised = await stack.ask(
    `mutation { raiseAlarm(input: { region: "${REGION}", alarmId: "200.006", severity: MINOR, entityInstanceId: "host=compute-0.process=ntpd" }) { alarm { masked } } }`,
  );
  expect(raised.data.raiseAlarm.alarm).toEqual({ masked: true });

  const { job } = await command('unlockHost', 'compute-0');
  expect(job).toMatchObject({ action: 'UNLOCK', state: 'RUNNING', step: 'BOOTING' });
  expect(await hostOf('compute-0')).toMatchObject({
    administrative: 'UNLOCKED',
    task: expect.stringContaining('Unlocking'),
  });
  const back = await eventually('in service', async () => {
    const host = await hostOf(
      'compute-0',
      'uptimeSeconds jobs(first: 2) { nodes { action state progress } totalCount }',
    );
    return host.availability === 'AVAILABLE' && host;
  });
  expect(back).toMatchObject({ operational: 'ENABLED', task: null });
  expect(back.uptimeSeconds).toBeLessThan(Math.min(60, bootedBefore));
  expect(back.jobs).toEqual({
    nodes: [
      { action: 'UNLOCK', state: 'SUCCEEDED', progress: 100 },
      { action: 'LOCK', state: 'SUCCEEDED', progress: 100 },
    ],
    totalCount: 2,
  });
  await told('CLEARED', '200.001', 'host=compute-0');
});

test('the active controller is not locked, and says what to do; after a swact it is', async () => {
  const names = ['controller-0', 'controller-1'];
  const roles = async () => Promise.all(names.map(async name => (await hostOf(name)).controllerRole));
  const [active, standby] = (await roles())[0] === 'ACTIVE' ? names : names.toReversed();
  const refused = await command('lockHost', active!);
  expect(refused).toMatchObject({
    host: null,
    job: null,
    userErrors: [{ code: 'HOST_IS_ACTIVE_CONTROLLER', message: expect.stringContaining(`swact to ${standby} first`) }],
  });
  const { actions } = await hostOf(active!, 'actions { action allowed refusal }');
  expect(actions).toContainEqual({ action: 'LOCK', allowed: false, refusal: refused.userErrors[0].message });
  expect(actions).toContainEqual({ action: 'SWACT', allowed: true, refusal: null });
  await carriedOut('swactHost', active!);
  expect((await hostOf(standby!)).controllerRole).toBe('ACTIVE');
  await carriedOut('lockHost', active!);
  await carriedOut('unlockHost', active!);
  expect((await hostOf(active!)).controllerRole).toBe('STANDBY');
});

test('a region that is killed while a host is locked, and again while it is unlocked, goes on with it', async () => {
  for (const [mutation, step, after] of [
    ['lockHost', 'EVACUATING', 'ONLINE'],
    ['unlockHost', 'BOOTING', 'AVAILABLE'],
  ] as const) {
    const { job } = await command(mutation, 'compute-1');
    expect(job).toMatchObject({ state: 'RUNNING', step });
    const [pid] = stack.pids(`region ${REGION}`);
    process.kill(pid!, 'SIGKILL');
    await eventually(
      `${mutation} to be carried out`,
      async () => {
        const { data } = await stack.ask('query ($id: ID!) { hostJob(id: $id) { state } }', { id: job.id });
        return data?.hostJob?.state === 'SUCCEEDED';
      },
      40_000,
    );
    expect(stack.pids(`region ${REGION}`)).not.toContain(pid);
    await eventually(after, async () => (await hostOf('compute-1')).availability === after);
  }
  await told('RAISED', '200.001', 'host=compute-1');
  await told('CLEARED', '200.001', 'host=compute-1');
});

test('a locked worker is switched off and on by its board management controller', async () => {
  await carriedOut('lockHost', 'compute-2');
  await carriedOut('powerOffHost', 'compute-2');
  expect(await hostOf('compute-2')).toMatchObject({ administrative: 'LOCKED', availability: 'POWER_OFF' });
  await carriedOut('powerOnHost', 'compute-2');
  expect(await hostOf('compute-2')).toMatchObject({ administrative: 'LOCKED', availability: 'ONLINE' });
});

test('a locked worker takes what was configured with its unlock', async () => {
  const mutate = async (field: string, input: object, result: string) => {
    const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`;
    const query = `mutation ($input: ${type}) { payload: ${field}(input: $input) { ${result} userErrors { message } } }`;
    const { payload } = (await stack.ask(query, { input })).data;
    expect(payload.userErrors).toEqual([]);
    return payload;
  };
  const memory = [{ node: 0, platformReservedMiB: 8_000, hugePages2M: 0, hugePages1G: 3 }];
  const { profile } = await mutate(
    'createHostProfile',
    { region: REGION, name: 'three pages', configuration: { memory } },
    'profile { id }',
  );
  await mutate('applyHostProfile', { id: ids.get('compute-2'), profile: profile.id }, 'host { id }');
  await carriedOut('unlockHost', 'compute-2');
  const MORE =
    'memory { node hugePages { pageSizeKiB total } } configuration { configurationStatus failures { message } }';
  const host = await hostOf('compute-2', MORE);
  expect(host.configuration).toEqual({ configurationStatus: 'UP_TO_DATE', failures: [] });
  expect(host.memory[0].hugePages).toContainEqual({ pageSizeKiB: 1_048_576, total: 3 });
});

test('a deleted host is gone from its region and from the centre, with its alarms; its agent brings a new one', async () => {
  const entity = 'host=storage-0.process=ntpd';
  await stack.ask(
    `mutation { raiseAlarm(input: { region: "${REGION}", alarmId: "200.006", severity: MINOR, entityInstanceId: "${entity}" }) { alarm { id } } }`,
  );
  const refused = await command('deleteHost', 'storage-0');
  expect(refused.userErrors).toMatchObject([{ code: 'HOST_UNLOCKED', path: ['input', 'id'] }]);
  await carriedOut('lockHost', 'storage-0');
  const old = ids.get('storage-0');
  await carriedOut('deleteHost', 'storage-0');
  expect(await hostOf('storage-0')).toBeNull();
  await told('CLEARED', '200.006', entity);
  await told('CLEARED', '200.001', 'host=storage-0');
  await eventually('a new host at the centre, and not the old one', async () => {
    ids.clear();
    await learnHosts();
    return ids.size === 6 && ids.get('storage-0') !== old;
  });
});
