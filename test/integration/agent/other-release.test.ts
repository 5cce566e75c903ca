// An agent at the doors of regions of other releases: what an older one does not know is left out, nothing else, and told
// again once the region is updated.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { Agent } from 'undici';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createDoor } from '../../../agent/door-client.ts';
import { openAgent } from '../../../agent/main.ts';
import { type Operation, REPORT_HOST } from '../../../agent/operations.ts';
import { releaseDoor } from '../../../agent/release/release-door.ts';
import { loadConfig } from '../../../runtime/config.ts';
import { aHost } from '../../support/builders.ts';
import { leftovers } from '../../support/leftovers.ts';
import { withMore, without } from '../../support/releases.ts';
import { eventually } from '../../support/wait.ts';
import { ask } from '../edge/ask.ts';
import { aHouse, type House } from '../edge/region-house.ts';
import { type DoorServer, openDoor } from './door-server.ts';

const REGION = 'lagos-1';
const left = leftovers();
const ofTest: (() => Promise<unknown>)[] = []; // agents that beat on would cost the next test
afterEach(async () => {
  for (const close of ofTest.splice(0).reverse()) await close();
});

interface Line {
  readonly msg: string;
  readonly subject?: string;
  readonly code?: string;
  readonly leftOut?: readonly string[];
}

function aLog() {
  const lines: Line[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { log, leftOut: () => lines.flatMap(line => (line.leftOut ? [line.leftOut] : [])), lines };
}

async function aDoor(port?: number): Promise<DoorServer> {
  const door = await openDoor(REGION, port);
  ofTest.push(() => door.close());
  return door;
}

function anAgent({ port }: DoorServer, log = aLog().log) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-agent-'));
  ofTest.push(async () => fs.rmSync(data, { recursive: true, force: true }));
  const doors = { [REGION]: `http://127.0.0.1:${port}/${REGION}` };
  const intervals = { heartbeatMs: 15, usageMs: 20, checksMs: 50, discoveryMs: 60_000 };
  const config = loadConfig({ env: {}, flags: { data, doors, agent: { ...intervals, simulatedBmcs: true } } });
  const agent = openAgent({ config, log, regions: [REGION], simulated: true });
  ofTest.push(() => agent.close());
  return agent;
}

describe('a region of an older release', () => {
  const OLDER = without(
    'inventory',
    'ReportHostInput.sensors',
    'ReportHostInput.simulatedBmc',
    'PortReportInput.duplex',
    'ReportHeartbeatsInput.everyMs',
    'ReportHeartbeatsPayload.tasks',
    'Mutation.reportHostChecks',
  );

  test('hears of all hosts, without what it does not know, which the log says once', async () => {
    const door = await aDoor();
    door.runs('inventory', OLDER);
    const { log, leftOut } = aLog();
    await anAgent(door, log).started;
    const { input } = await door.call('reportHost');
    expect(input).toMatchObject({ hostname: expect.any(String), memory: expect.anything() });
    expect(input).not.toHaveProperty('sensors');
    expect(input.ports[0]).not.toHaveProperty('duplex');
    expect(input.ports[0]).toHaveProperty('mtu');
    const { input: beat } = await door.call('reportHeartbeats', 5);
    expect(beat.hosts).toHaveLength(6);
    expect(beat).not.toHaveProperty('everyMs');
    await door.call('reportUsage', 3); // in the inventory alone something is left out
    expect(leftOut().flat().sort()).toEqual([
      'Mutation.reportHostChecks',
      'PortReportInput.duplex',
      'ReportHeartbeatsInput.everyMs',
      'ReportHeartbeatsPayload.tasks',
      'ReportHostInput.sensors',
      'ReportHostInput.simulatedBmc',
    ]);
    expect(door.looks()).toBe(1); // beats and all else do not ask again
  });

  test('that is updated is told everything again, without a restart of the agent', async () => {
    const old = await openDoor(REGION);
    old.runs('inventory', OLDER);
    const { log, lines } = aLog();
    const agent = anAgent(old, log);
    await agent.started;
    await old.call('reportHeartbeats', 2);
    await old.close();
    await eventually('the agent to miss it', () => lines.some(({ subject }) => subject === 'reportHeartbeats'));
    const door = await aDoor(old.port);
    const beat = await door.call('reportHeartbeats', 1, ({ input }) => input.everyMs === 15);
    expect(beat.input.hosts).toHaveLength(6);
    expect(lines.map(({ msg }) => msg)).toContain('the region runs another release than before; it is told everything');
  });

  test('that an agent met while it was newer is told less at once', async () => {
    const newer = await openDoor(REGION);
    const agent = anAgent(newer);
    await agent.started;
    await newer.close();
    const door = await aDoor(newer.port);
    door.runs('inventory', OLDER);
    expect((await door.call('reportHeartbeats')).input).not.toHaveProperty('everyMs');
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
  });

  test('without events gets alarms all the same', async () => {
    const door = await aDoor();
    door.runs('faults', without('faults', 'Mutation.reportEvent'));
    const agent = anAgent(door);
    await door.call('raiseAlarm');
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
    expect(door.calls.filter(({ name }) => name === 'reportEvent')).toEqual([]);
  });

  test('that insists on what it does not know refuses that alone: an event is given up, and the log says why', async () => {
    const door = await aDoor();
    door.runs('faults', without('faults', 'Severity.MINOR', 'UsageResource.FILESYSTEM'));
    const { log, lines } = aLog();
    const agent = anAgent(door, log);
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
    expect(door.calls.some(({ name }) => name === 'raiseAlarm')).toBe(false);
    expect(lines).toContainEqual(
      expect.objectContaining({ code: 'INVALID', reason: expect.stringContaining('does not know Severity.MINOR') }),
    );
    const { samples } = (await door.call('reportUsage')).input;
    expect(new Set(samples.map(({ resource }: { resource: string }) => resource))).toEqual(new Set(['CPU', 'MEMORY']));
  });
});

test('a newer region is told what this release knows, and is never asked for its schema', async () => {
  const door = await aDoor();
  const more = `extend input ReportHostInput { colour: String } extend type Mutation { reportMood(input: ReportTaskInput!): String }
    extend enum AgentTaskKind { DANCE }`;
  door.runs('inventory', withMore('inventory', more));
  await anAgent(door).started;
  await door.call('reportHeartbeats', 3);
  expect(door.looks()).toBe(0);
});

describe('a real region', () => {
  let house: House;
  beforeAll(async () => {
    house = await aHouse([REGION]);
    left.add(() => house.stop());
  });

  /** Says of a host what a later release may say. */
  async function aNewerAgent() {
    const dispatcher = new Agent();
    left.add(() => dispatcher.close());
    const clock = { now: () => Date.now(), after: () => () => undefined };
    const { log, leftOut } = aLog();
    const plain = createDoor({ region: REGION, url: house.door(), headers: {}, dispatcher, clock, deadlineMs: 10_000 });
    const asks = { host: { id: null, mood: { colour: null } }, userErrors: { code: null, message: null } };
    const operation: Operation<unknown> = {
      ...REPORT_HOST,
      asks,
      query: REPORT_HOST.query.replace('host { id }', 'host { id mood { colour } }'),
    };
    expect(operation.query).not.toBe(REPORT_HOST.query);
    const door = releaseDoor({ door: plain, region: REGION, clock, log });
    const report = aHost();
    const port = { name: 'eno1', mac: '02:00:00:00:00:01', up: true, colour: 'blue' };
    const interfaces = [
      { name: 'eno1', type: 'ETHERNET', up: true, addresses: [], uses: [], usedBy: [] },
      { name: 'ib0', type: 'INFINIBAND', up: true, addresses: [], uses: [], usedBy: [] },
    ];
    const send = (more: object = {}, as: Operation<unknown> = operation) =>
      door.send(as, { ...report, ports: [port], interfaces, ...more }, new AbortController().signal);
    return { leftOut, send, report };
  }

  test('takes the report of a newer agent: fields, answers and kinds of things that it does not know are left out', async () => {
    const { leftOut, send, report } = await aNewerAgent();
    const answer = (await send()) as { host: { id: string } };
    const { host } = await ask(
      house.url('inventory'),
      'query ($id: ID!) { host(id: $id) { hostname ports { name } interfaces { name } } }',
      { id: answer.host.id },
    );
    expect(host).toEqual({ hostname: report.hostname, ports: [{ name: 'eno1' }], interfaces: [{ name: 'eno1' }] });
    await send();
    expect(leftOut()).toEqual([['Host.mood', 'PortReportInput.colour', expect.stringMatching(/\.INFINIBAND$/)]]);
  });

  test('still refuses what is wrong, and in its own words', async () => {
    const { send } = await aNewerAgent();
    const wrong = { ports: [], interfaces: [], uptimeSeconds: 'long' };
    await expect(send(wrong, REPORT_HOST)).rejects.toMatchObject({ code: 'INVALID', message: /uptimeSeconds/ });
  });
});
