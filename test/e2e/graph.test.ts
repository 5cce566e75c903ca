// The stack as a newcomer runs it, from the sources: one query over everything, routed mutations, live alarms.
import fs from 'node:fs';
import os from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOperations } from '../../schema/sources.ts';
import { subscribe } from '../support/client.ts';
import { newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';

const REGIONS = ['lagos-1', 'osaka-1', 'paris-1'];

const EVERYTHING = `{ regions { nodes { id name contact { state lastContactAt } alarmSummary { critical major minor warning status }
  hosts { nodes { id hostname personality availability simulated cpu { model threads } alarms { nodes { alarmId severity reasonText } }
  software { release } } } } } }`;

const FEED = `subscription { alarmFeed { kind cursor at region { id } alarm { id alarmId severity entityInstanceId
  host { hostname availability cpu { model } software { release } } } } }`;

interface Host {
  readonly id: string;
  readonly hostname: string;
  readonly simulated: boolean;
  readonly cpu: { model: string; threads: number };
  readonly alarms: { nodes: { alarmId: string; severity: string; reasonText: string }[] };
  readonly software: { release: string } | null;
}

interface Region {
  readonly id: string;
  readonly contact: { state: string; lastContactAt: string };
  readonly alarmSummary: { major: number; status: string };
  readonly hosts: { nodes: Host[] };
}

interface FeedEvent {
  readonly alarmFeed: {
    readonly kind: string;
    readonly cursor: string;
    readonly region: { id: string } | null;
    readonly alarm: {
      id: string;
      alarmId: string;
      severity: string;
      host: { hostname: string; availability: string; cpu: { model: string }; software: { release: string } } | null;
    } | null;
  };
}

let stack: Stack;

beforeAll(async () => {
  // a threshold of nothing: the real machine's memory alarms at once
  stack = await startStack(await newPlace(), {
    entry: 'sources',
    env: { MURMUR_THRESHOLDS_MEMORY_MAJOR: '0', MURMUR_THRESHOLDS_MEMORY_CRITICAL: '100' },
  });
});

afterAll(async () => {
  await stack?.stop();
  expect(processesOf(stack.place)).toEqual([]);
  stack?.place.remove();
});

/** A standard, a duplex and a simplex region. */
const HOSTS: Readonly<Record<string, number>> = { 'lagos-1': 6, 'osaka-1': 2, 'paris-1': 1 };

const regions = async (): Promise<Region[]> => {
  const { data, errors, status } = await stack.ask(EVERYTHING);
  expect({ errors, status }).toEqual({ errors: undefined, status: 200 });
  return data.regions.nodes;
};

describe('one query over everything', () => {
  test('three regions are online, each with its hosts, their hardware, alarms and software', async () => {
    // an agent says what runs on its hosts after it has said that they are there
    const all = await eventually('every host to say what it runs', async () => {
      const seen = await regions();
      return seen.every(({ hosts }) => hosts.nodes.every(host => host.software !== null)) && seen;
    });
    expect(all.map(region => [region.id, region.contact.state])).toEqual(REGIONS.map(id => [id, 'ONLINE']));
    for (const { id, hosts } of all) {
      expect(hosts.nodes.length).toBe(HOSTS[id]);
      for (const host of hosts.nodes) {
        expect(host.id.startsWith(`${id}/`)).toBe(true);
        expect(host.simulated).toBe(id !== 'paris-1');
        expect(host.cpu.threads).toBeGreaterThan(0);
        expect(host.software?.release).toMatch(/-\d/);
      }
    }
  });

  test('the regions are a standard, a duplex and a simplex one, and their capacity is the centre’s to tell', async () => {
    const { data } = await stack.ask(
      '{ regions { nodes { kind capacity { hosts inService cpuThreads } } } capacity { hosts inService } }',
    );
    expect(data.regions.nodes.map((region: { kind: string }) => region.kind)).toEqual([
      'STANDARD',
      'DUPLEX',
      'SIMPLEX',
    ]);
    const sums = data.regions.nodes.map((region: { capacity: { hosts: number } }) => region.capacity.hosts);
    expect(sums).toEqual(Object.values(HOSTS));
    expect(data.capacity).toEqual({ hosts: 9, inService: 9 });
  });

  test('paris-1 holds the very machine that this runs on', async () => {
    const paris = (await regions()).find(region => region.id === 'paris-1');
    const [host] = paris!.hosts.nodes;
    expect(host?.hostname).toBe(os.hostname());
    expect(host?.cpu.threads).toBe(os.cpus().length);
    const { data } = await stack.ask(
      `query($id: ID!) { host(id: $id) {
      lastHeartbeatAt uptimeSeconds memory { node totalMiB hugePages { pageSizeKiB } } ports { name up } disks { deviceNode } devices { kind } cpu { sockets cores smt } } }`,
      { id: host!.id },
    );
    const totalMiB = data.host.memory.reduce((sum: number, node: { totalMiB: number }) => sum + node.totalMiB, 0);
    expect(totalMiB).toBeGreaterThan((os.totalmem() / 2 ** 20) * 0.5);
    expect(totalMiB).toBeLessThanOrEqual((os.totalmem() / 2 ** 20) * 1.1);
    expect(Math.abs(data.host.uptimeSeconds - os.uptime())).toBeLessThan(120);
    expect(data.host.cpu.sockets).toBeGreaterThan(0);
  });

  test('heartbeats go on arriving', async () => {
    const beat = async (): Promise<string> =>
      (await stack.ask('{ region(id: "paris-1") { hosts { nodes { lastHeartbeatAt } } } }')).data.region.hosts.nodes[0]
        .lastHeartbeatAt;
    const first = await beat();
    await eventually('a later heartbeat', async () => (await beat()) > first);
  });

  test('a lowered threshold raises a real alarm on the real machine', async () => {
    const alarm = await eventually('100.103 in paris-1', async () => {
      const paris = (await regions()).find(region => region.id === 'paris-1');
      return paris!.hosts.nodes[0]!.alarms.nodes.find(a => a.alarmId === '100.103');
    });
    expect(alarm.severity).toBe('MAJOR');
    expect(alarm.reasonText).toContain(os.hostname());
    await eventually(
      'it in the mirror',
      async () => (await regions()).find(r => r.id === 'paris-1')!.alarmSummary.major > 0,
    );
  });

  test('every recorded query answers without an error', async () => {
    const { data } = await stack.ask(
      '{ alarms(first: 1) { nodes { id } } hosts(filter: { regions: ["lagos-1"] }, first: 1) { nodes { id } } }',
    );
    const variables = {
      regionId: 'lagos-1',
      region: 'lagos-1',
      hostId: data.hosts.nodes[0].id,
      alarmId: data.alarms.nodes[0].id,
    };
    for (const [file, text] of readOperations()) {
      for (const [, name, args] of text.matchAll(/^query (\w+)\s*(?:\(([^)]*)\))?/gm)) {
        const id = /host/i.test(name!)
          ? variables.hostId
          : /alarm/i.test(name!)
            ? variables.alarmId
            : variables.regionId;
        const response = await fetch(stack.place.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            query: text,
            operationName: name,
            variables: { id, ...(args?.includes('$region:') ? { region: 'lagos-1' } : {}) },
          }),
        });
        const answer = (await response.json()) as { errors?: unknown };
        expect({ file, name, errors: answer.errors }).toEqual({ file, name, errors: undefined });
      }
    }
  });
});

describe('processes', () => {
  test('each shows its part and region in its command line', () => {
    const commands = processesOf(stack.place).map(p => p.command);
    for (const part of [...REGIONS.map(id => `region ${id}`), ...REGIONS.map(id => `agent ${id}`), 'fleet', 'gateway'])
      expect(
        commands.filter(command => command.includes(` ${part}`)),
        part,
      ).toHaveLength(1);
  });

  test('each is live and ready; the gateway and the centre name the regions', async () => {
    const { gateway, fleet, regionBase } = stack.place;
    for (const port of [gateway, fleet, regionBase, regionBase + 1, regionBase + 2]) {
      expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
    }
    const ready = (await (await fetch(`http://127.0.0.1:${gateway}/health/ready`)).json()) as { regions: object };
    expect(Object.keys(ready.regions).sort()).toEqual(REGIONS);
  });

  test('logs are JSON lines', () => {
    const lines = fs.readFileSync(`${stack.place.data}/logs/gateway.log`, 'utf8').trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ part: 'gateway', msg: expect.any(String) });
  });
});

describe('mutations', () => {
  test('go to the region in their input, and only there', async () => {
    const { data, errors } = await stack.ask(
      `mutation {
        lagos: raiseAlarm(input: { region: "lagos-1", alarmId: "200.006", severity: MINOR, entityInstanceId: "host=controller-0.process=ntpd", reasonText: "restarting" }) { alarm { id region { id } host { hostname } } userErrors { code } }
        osaka: raiseAlarm(input: { region: "osaka-1", alarmId: "200.006", severity: MINOR, entityInstanceId: "host=controller-0.process=ntpd" }) { alarm { id region { id } } userErrors { code } }
        nowhere: raiseAlarm(input: { region: "nowhere-1", alarmId: "200.006", severity: MINOR, entityInstanceId: "host=x" }) { alarm { id } userErrors { code } }
      }`,
    );
    expect(data.lagos.alarm).toMatchObject({ region: { id: 'lagos-1' }, host: { hostname: 'controller-0' } });
    expect(data.osaka.alarm.id).toMatch(/^osaka-1\//);
    expect(data.nowhere).toBeNull();
    expect(errors).toMatchObject([{ path: ['nowhere'], extensions: { code: 'REGION_UNKNOWN', region: 'nowhere-1' } }]);
  });

  test('are refused as userErrors: nothing was changed', async () => {
    const long = 'x'.repeat(2_000);
    const { data, errors } = await stack.ask(
      `mutation($long: String!) {
        a: raiseAlarm(input: { region: "lagos-1", alarmId: "oops", severity: MINOR, entityInstanceId: "host=a", reasonText: $long }) { alarm { id } userErrors { code path } }
        b: acknowledgeAlarm(input: { id: "lagos-1/00000000-0000-0000-0000-000000000000" }) { alarm { id } userErrors { code } }
      }`,
      { long },
    );
    expect(errors).toBeUndefined();
    expect(data.a).toEqual({
      alarm: null,
      userErrors: [
        { code: 'INVALID', path: ['input', 'alarmId'] },
        { code: 'TOO_LONG', path: ['input', 'reasonText'] },
      ],
    });
    expect(data.b.userErrors).toEqual([{ code: 'NOT_FOUND' }]);
  });

  test('malformed ids and wrong enum values say what is wrong', async () => {
    const malformed = await stack.ask('{ host(id: "what?") { hostname } }');
    expect(malformed.errors).toMatchObject([{ path: ['host'], extensions: { code: 'BAD_USER_INPUT' } }]);
    const wrong = await stack.ask(
      'mutation { raiseAlarm(input: { region: "lagos-1", alarmId: "100.101", severity: HUGE, entityInstanceId: "host=a" }) { alarm { id } } }',
    );
    expect(wrong).toMatchObject({ status: 400, errors: [{ message: expect.stringContaining('HUGE') }] });
  });

  test('labels of a host are set and read back', async () => {
    const { data } = await stack.ask(
      '{ hosts(filter: { regions: ["lagos-1"], personality: STORAGE }) { nodes { id } } }',
    );
    const labels = [{ key: 'rack', value: 'r7' }];
    const updated = await stack.ask(
      'mutation($input: UpdateHostInput!) { updateHost(input: $input) { host { labels { key value } } userErrors { message } } }',
      { input: { id: data.hosts.nodes[0].id, labels } },
    );
    expect(updated.data.updateHost).toEqual({ host: { labels }, userErrors: [] });
  });
});

describe('live alarms', () => {
  test('raise, change, acknowledge and clear arrive from every region, with the host resolved across subgraphs', async () => {
    const feed = subscribe<FeedEvent>(stack.place.url, FEED);
    await feed.next('ALIGNED', event => event.alarmFeed.kind === 'ALIGNED');
    for (const region of REGIONS) {
      const { data } = await stack.ask(
        `{ hosts(filter: { regions: ["${region}"] }, first: 1) { nodes { hostname } } }`,
      );
      const hostname: string = data.hosts.nodes[0].hostname;
      const input = { region, alarmId: '200.011', entityInstanceId: `host=${hostname}` };
      const raise =
        'mutation($input: RaiseAlarmInput!) { raiseAlarm(input: $input) { alarm { id } userErrors { message } } }';
      const raised = await stack.ask(raise, { input: { ...input, severity: 'MINOR' } });
      const id: string = raised.data.raiseAlarm.alarm.id;
      await stack.ask(raise, { input: { ...input, severity: 'CRITICAL' } });
      await stack.ask('mutation($id: ID!) { acknowledgeAlarm(input: { id: $id }) { alarm { id } } }', { id });
      await stack.ask('mutation($id: ID!) { clearAlarm(input: { id: $id }) { alarm { id } } }', { id });
      await feed.next(
        `CLEARED of ${id}`,
        ({ alarmFeed }) => alarmFeed.kind === 'CLEARED' && alarmFeed.alarm?.id === id,
      );
      const events = feed.events.map(event => event.alarmFeed).filter(event => event.alarm?.id === id);
      expect(events.map(event => [event.kind, event.alarm?.severity])).toEqual([
        ['RAISED', 'MINOR'],
        ['CHANGED', 'CRITICAL'],
        ['ACKNOWLEDGED', 'CRITICAL'],
        ['CLEARED', 'CRITICAL'],
      ]);
      for (const { region: from, alarm } of events) {
        expect(from).toEqual({ id: region });
        expect(alarm?.host).toEqual({
          hostname,
          availability: 'AVAILABLE',
          cpu: { model: expect.any(String) },
          software: { release: expect.any(String) },
        });
      }
    }
    await feed.close();
  });
});

describe('live changes of hosts', () => {
  test('arrive with what only the host’s region knows, and go on after a cursor', async () => {
    const changes = `subscription ($after: Cursor) { hostChanges(filter: { regions: ["lagos-1"], hostname: "storage" }, after: $after) {
      kind cursor changed hostId host { hostname labels { key value } cpu { model } software { release } } } }`;
    const [host] = (
      await stack.ask('{ hosts(filter: { regions: ["lagos-1"], personality: STORAGE }) { nodes { id hostname } } }')
    ).data.hosts.nodes;
    const label = (value: string) =>
      stack.ask('mutation($input: UpdateHostInput!) { updateHost(input: $input) { userErrors { message } } }', {
        input: { id: host.id, labels: [{ key: 'row', value }] },
      });
    const stream = subscribe<HostChangeEvent>(stack.place.url, changes);
    const [first] = await eventually('a first change', async () => {
      await label(`begin-${Math.random()}`); // until it is heard: without a cursor the stream begins when it is there
      return stream.events.length > 0 && stream.events;
    });
    await label('a');
    await label('b');
    await stream.next('the last', ({ hostChanges }) => hostChanges.host.labels[0]?.value === 'b');
    const resumed = subscribe<HostChangeEvent>(stack.place.url, changes, { after: first!.hostChanges.cursor });
    await resumed.next('the last', ({ hostChanges }) => hostChanges.host.labels[0]?.value === 'b');
    const told = (events: readonly HostChangeEvent[]) => events.map(event => event.hostChanges.cursor);
    expect(told(resumed.events)).toEqual(told(stream.events).slice(1));
    expect(resumed.events.at(-1)?.hostChanges).toEqual({
      kind: 'CHANGED',
      cursor: expect.any(String),
      changed: ['labels'],
      hostId: host.id,
      host: {
        hostname: host.hostname,
        labels: [{ key: 'row', value: 'b' }],
        cpu: { model: expect.any(String) },
        software: { release: expect.any(String) },
      },
    });
    await Promise.all([stream.close(), resumed.close()]);
  });
});

interface HostChangeEvent {
  readonly hostChanges: {
    readonly cursor: string;
    readonly host: { readonly labels: readonly { readonly value: string }[] };
  };
}
