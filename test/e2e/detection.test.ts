// The host that this machine is, watched by its region in real processes: its agent killed, stopped and cut off, a process
// on it killed. Told at the gateway's feed, and over when it is over.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../schema/sources.ts';
import { aResumingFeed, type ResumingFeed } from '../support/resuming-feed.ts';
import { newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { aLink, type Link } from '../support/tcp-proxy.ts';
import { eventually } from '../support/wait.ts';

const REGION = 'paris-1';
const BEAT_MS = 1_000;
const HOST = os.hostname().replace(/[^\w.-]+/g, '-');
/** What the third missed beat may take: half a beat on its way, a look, and a busy machine's delay. */
const FOUND_WITHIN_MS = 4.5 * BEAT_MS;

let stack: Stack;
let feed: ResumingFeed;
let link: Link;
let settings: string;
const children: ChildProcess[] = [];
const sleepSeconds = String(100_000_000 + process.pid);

function startWatched(): ChildProcess {
  const child = spawn('sleep', [sleepSeconds], { stdio: 'ignore' });
  children.push(child);
  return child;
}

/** Behind the link, so that it can be cut off. */
function startAgent(): ChildProcess {
  const child = spawn(process.execPath, ['dist/cli/murmur.js', 'agent', REGION, '--config', settings], {
    cwd: packageRoot,
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

beforeAll(async () => {
  const watch = { processes: [{ name: 'sleeper', command: `sleep ${sleepSeconds}` }] };
  const place = await newPlace();
  startWatched();
  stack = await startStack(place, {
    flags: ['--no-supervise', '--regions', '1'],
    env: {
      MURMUR_AGENT_HEARTBEAT_MS: String(BEAT_MS),
      MURMUR_AGENT_CHECKS_MS: '200',
      MURMUR_AGENT_WATCH_PROCESSES: JSON.stringify(watch.processes),
      MURMUR_THRESHOLDS_FILESYSTEM_MAJOR: '0',
      MURMUR_THRESHOLDS_FILESYSTEM_CRITICAL: '100',
      MURMUR_THRESHOLDS_ON_DELAY_MS: '0',
    },
  });
  link = await aLink(place.regionBase);
  settings = path.join(place.data, 'cut-off-agent.json');
  const doors = { [REGION]: `http://127.0.0.1:${link.port}/${REGION}` };
  fs.writeFileSync(
    settings,
    JSON.stringify({ data: place.data, doors, agent: { heartbeatMs: BEAT_MS, checksMs: 200, watch } }),
  );
  feed = await aResumingFeed(place.url);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await feed?.close();
  await link?.close();
  await stack?.stop();
  expect(processesOf(stack.place)).toEqual([]);
  stack?.place.remove();
});

const told = (alarmId: string, from: number): string[] =>
  feed.events
    .slice(from)
    .filter(({ alarm }) => alarm?.alarmId === alarmId)
    .map(({ kind, alarm }) => `${kind} ${alarm!.severity}`);

const hostNow = async () => {
  const { data } = await stack.ask(
    `{ regions { nodes { hosts { nodes { hostname operational availability lastHeartbeatAt conditions { alarmId severity }
      alarms(first: 100) { nodes { alarmId severity entityInstanceId updatedAt } } } } } } }`,
  );
  return data.regions.nodes[0]?.hosts?.nodes.find((host: { hostname: string }) => host.hostname === HOST);
};

const isInService = () =>
  eventually('the host in service', async () => {
    const host = await hostNow();
    return host?.availability === 'AVAILABLE' && host.conditions.length === 0 && host;
  });

/** Its silence is found in time, degrades it, fails it, and is told; `from` is where the feed stood before. */
async function expectLost(from: number): Promise<void> {
  const host = await eventually('the host OFFLINE', async () => {
    const seen = await hostNow();
    return (
      seen?.availability === 'OFFLINE' &&
      seen.alarms.nodes.some((a: { alarmId: string }) => a.alarmId === '200.004') &&
      seen
    );
  });
  const alarm = host.alarms.nodes.find((a: { alarmId: string }) => a.alarmId === '200.005');
  expect(alarm).toMatchObject({ severity: 'CRITICAL', entityInstanceId: `host=${HOST}` });
  expect(Date.parse(alarm.updatedAt) - Date.parse(host.lastHeartbeatAt)).toBeLessThan(FOUND_WITHIN_MS);
  await feed.until('the loss in the feed', () => told('200.005', from).length >= 2);
  expect(told('200.005', from)).toEqual(['RAISED MAJOR', 'CHANGED CRITICAL']);
}

async function expectBack(from: number): Promise<void> {
  await isInService();
  await feed.until('the end in the feed', () => told('200.005', from).length >= 3);
  expect(told('200.005', from)).toEqual(['RAISED MAJOR', 'CHANGED CRITICAL', 'CLEARED CRITICAL']);
  expect(told('200.004', from)).toEqual(['RAISED CRITICAL', 'CLEARED CRITICAL']);
}

test('an agent that is killed, stopped or cut off loses its host within three beats, and brings it back', async () => {
  await isInService();
  let from = feed.events.length;
  process.kill(stack.pids(`agent ${REGION}`)[0]!, 'SIGKILL');
  await expectLost(from);
  const agent = startAgent();
  await expectBack(from);

  from = feed.events.length;
  agent.kill('SIGSTOP');
  await expectLost(from);
  agent.kill('SIGCONT');
  await expectBack(from);

  from = feed.events.length;
  link.become('swallowing');
  await expectLost(from);
  link.become('up');
  await expectBack(from);
}, 90_000);

test('a region that was stopped itself holds that against nobody', async () => {
  const { lastHeartbeatAt } = await isInService();
  const from = feed.events.length;
  const [region] = stack.pids(`region ${REGION}`);
  process.kill(region!, 'SIGSTOP');
  await pause(5 * BEAT_MS); // the time itself is what is tested
  process.kill(region!, 'SIGCONT');
  await eventually('a beat after it', async () => {
    const host = await hostNow();
    return host && Date.parse(host.lastHeartbeatAt) > Date.parse(lastHeartbeatAt) + 5 * BEAT_MS;
  });
  expect(await isInService()).toMatchObject({ operational: 'ENABLED' });
  expect(told('200.005', from)).toEqual([]);
}, 60_000);

test('a watched process that is killed degrades the host until it runs again', async () => {
  await isInService();
  const from = feed.events.length;
  children[0]!.kill('SIGKILL');
  await feed.until('the alarm in the feed', () => told('200.006', from).length > 0);
  const host = await eventually('DEGRADED', async () => {
    const seen = await hostNow();
    return seen?.availability === 'DEGRADED' && seen;
  });
  expect(host.alarms.nodes).toContainEqual(
    expect.objectContaining({
      alarmId: '200.006',
      severity: 'MAJOR',
      entityInstanceId: `host=${HOST}.process=sleeper`,
    }),
  );
  startWatched();
  await isInService();
  await feed.until('its end in the feed', () => told('200.006', from).includes('CLEARED MAJOR'));
}, 60_000);

test('a file system over its threshold is alarmed', async () => {
  const { alarms } = await hostNow();
  expect(alarms.nodes.map((alarm: { alarmId: string }) => alarm.alarmId)).toContain('100.104');
});
