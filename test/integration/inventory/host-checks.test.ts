// Checks of processes and ports at a region's door: what is wrong becomes an alarm of the host, and is over when it is.
import { beforeAll, expect, test } from 'vitest';
import { leftovers } from '../../support/leftovers.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House, hands } from '../edge/region-house.ts';

const left = leftovers();
let house: House;
let door: ReturnType<typeof hands>;

beforeAll(async () => {
  house = await aHouse(['lagos-1']);
  left.add(() => house.stop());
  door = hands(house);
});

const check = async (hosts: readonly object[]) =>
  (
    await ask(
      house.url('inventory'),
      `mutation ($input: ReportHostChecksInput!) { reportHostChecks(input: $input) { unknown userErrors { code message path } } }`,
      { input: { hosts } },
    )
  ).reportHostChecks;
const process = (more: object = {}) => ({ name: 'ceph-osd', state: 'FAILED', severity: 'MAJOR', restarts: 3, ...more });
const port = (more: object = {}) => ({ name: 'eno1', network: 'OAM', up: false, ...more });
const open = async (hostname: string) =>
  (
    await house.rows(
      `select alarm_id || ' ' || entity_instance_id || ' ' || severity as line, reason_text as words from faults.alarm
       where cleared_at is null and hostname = $1 order by 1`,
      [hostname],
    )
  ).map(({ line }) => line);
const becomes = (hostname: string, ...alarms: string[]) =>
  eventually(`the alarms of ${hostname}`, async () => (await open(hostname)).join() === alarms.join());
const conditionsOf = async (id: string) =>
  (
    await door.region(
      'inventory',
      'hosts { nodes { id availability conditions { alarmId instance severity reasonText since } } }',
    )
  ).hosts.nodes.find((host: { id: string }) => host.id === id);

test('a process and ports that failed are alarmed, told with their reason, and over when they are', async () => {
  const { id } = await door.host({ hostname: 'c1' });
  expect(
    await check([{ id, processes: [process(), process({ name: 'sshd', state: 'RESTARTING' })], ports: [port()] }]),
  ).toEqual({
    unknown: [],
    userErrors: [],
  });
  await becomes('c1', '100.106 host=c1.port=eno1 MAJOR', '200.006 host=c1.process=ceph-osd MAJOR');
  const host = await conditionsOf(id);
  expect(host.conditions).toMatchObject([
    { alarmId: '100.106', instance: '.port=eno1', reasonText: `'OAM' Port eno1 failed.` },
    {
      alarmId: '200.006',
      instance: '.process=ceph-osd',
      severity: 'MAJOR',
      reasonText: `c1 major 'ceph-osd' process has failed and was started again 3 times in vain.`,
    },
  ]);
  await eventually('DEGRADED', async () => (await conditionsOf(id)).availability === 'DEGRADED');
  await check([{ id, processes: [process({ state: 'RUNNING' })], ports: [port({ up: true })] }]);
  await becomes('c1');
  await eventually('AVAILABLE', async () => (await conditionsOf(id)).availability === 'AVAILABLE');
});

test('what is watched no more is alarmed no more, and saying the same again changes nothing', async () => {
  const { id } = await door.host({ hostname: 'c2' });
  await check([{ id, processes: [process(), process({ name: 'b' })], ports: [] }]);
  const sequence = async () => (await house.rows('select sequence from inventory.outbox_head'))[0].sequence;
  await eventually('DEGRADED', async () => (await conditionsOf(id)).availability === 'DEGRADED');
  const before = await sequence();
  await check([{ id, processes: [process(), process({ name: 'b' })], ports: [] }]);
  expect(await sequence()).toBe(before);
  await check([{ id, processes: [process()], ports: [] }]);
  await becomes('c2', '200.006 host=c2.process=ceph-osd MAJOR');
});

test('an interface over several ports is degraded without one of them and failed without all', async () => {
  const { id } = await door.host({ hostname: 'c3' });
  const bond = (...up: boolean[]) =>
    up.map((is, i) => port({ name: `ens${i}`, network: 'DATA', interface: 'data0', up: is }));
  await check([{ id, processes: [], ports: bond(true, false) }]);
  await becomes('c3', '100.112 host=c3.port=ens1 MAJOR', '100.113 host=c3.interface=data0 MAJOR');
  await check([{ id, processes: [], ports: bond(false, false) }]);
  await becomes(
    'c3',
    '100.112 host=c3.port=ens0 MAJOR',
    '100.112 host=c3.port=ens1 MAJOR',
    '100.113 host=c3.interface=data0 CRITICAL',
  );
});

test('a critical process fails its host', async () => {
  const { id } = await door.host({ hostname: 'c4' });
  await check([{ id, processes: [process({ severity: 'CRITICAL', restarts: 0 })], ports: [] }]);
  await eventually('FAILED', async () => (await conditionsOf(id)).availability === 'FAILED');
  await becomes('c4', '200.004 host=c4 CRITICAL', '200.006 host=c4.process=ceph-osd CRITICAL');
});

test('what cannot be is refused, naming it, and unknown hosts are named', async () => {
  const { id } = await door.host({ hostname: 'c5' });
  const stranger = 'lagos-1/00000000-0000-4000-8000-000000000000';
  expect((await check([{ id: stranger, processes: [], ports: [] }])).unknown).toEqual([stranger]);
  const { userErrors } = await check([
    { id, processes: [process(), process({ state: 'RUNNING' })], ports: [port({ name: 'a.host=b' })] },
  ]);
  expect(userErrors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
    'input.hosts.0.processes',
    'input.hosts.0.ports.0.name',
  ]);
  expect(await open('c5')).toEqual([]);
});
