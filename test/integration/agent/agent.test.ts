// An agent against a door that records: it starts when the region does, keeps its loops apart, and stops when told.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type AgentOptions, type OpenAgent, openAgent, startAgent } from '../../../agent/main.ts';
import { type ConfigInput, loadConfig } from '../../../runtime/config.ts';
import { packageRoot } from '../../../schema/sources.ts';
import { eventually } from '../../support/wait.ts';
import { type DoorServer, HANG, openDoor } from './door-server.ts';

const REGION = 'lagos-1';
const leftovers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close();
});

async function aDoor(port?: number): Promise<DoorServer> {
  const door = await openDoor(REGION, port);
  leftovers.push(() => door.close());
  return door;
}

/** A data folder for one agent after the other. */
function aFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'murmuration-agent-'));
  leftovers.push(async () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Beat {
  readonly id: string;
  readonly bootId: string;
}
const isCompute = ({ id }: Beat): boolean => id === 'lagos-1/compute-0';

const QUICK = { heartbeatMs: 15, usageMs: 20, discoveryMs: 60_000 };

function options(
  port: number,
  agent: ConfigInput['agent'] = {},
  log = pino({ level: 'silent' }),
  data = aFolder(),
): AgentOptions {
  const doors = { [REGION]: `http://127.0.0.1:${port}/${REGION}` };
  const token = 'a-token-of-thirty-two-characters';
  const config = loadConfig({ env: {}, flags: { data, doors, auth: { token }, agent: { ...QUICK, ...agent } } });
  return { config, log, regions: [REGION], simulated: true };
}

function anAgent(...args: Parameters<typeof options>): OpenAgent {
  const agent = openAgent(options(...args));
  leftovers.push(() => agent.close());
  return agent;
}

describe('a simulated agent', () => {
  test('reports its hosts, then beats, then says usage, software and its standing alarm', async () => {
    const door = await aDoor();
    const agent = await startAgent(options(door.port));
    leftovers.push(() => agent.close());
    expect(door.calls.filter(call => call.name === 'reportHost')).toHaveLength(6);
    const beat = await door.call('reportHeartbeats');
    expect(beat.input.hosts).toHaveLength(6);
    expect(beat.input.hosts[0].id).toBe('lagos-1/controller-0');
    const usage = await door.call('reportUsage');
    expect(usage.input.samples).toContainEqual(
      expect.objectContaining({ hostname: 'compute-1', resource: 'FILESYSTEM', instance: '/var/lib/docker' }),
    );
    const names = door.calls.map(call => call.name);
    expect(names.indexOf('reportUsage')).toBeGreaterThan(names.indexOf('reportHeartbeats'));
    const software = await door.call('reportHostSoftware');
    expect(software.input.hosts[0]).toEqual({
      id: 'lagos-1/controller-0',
      release: 'starlingx-10.0.1',
      softwareVersion: '10.0.1',
    });
    expect((await door.call('raiseAlarm')).input).toMatchObject({
      region: 'lagos-1',
      entityInstanceId: 'host=controller-1.ntp',
    });
    await door.call('reportHeartbeats', 3);
    expect(door.calls.filter(call => call.name === 'reportHost')).toHaveLength(6);
    expect(door.calls.every(call => call.headers.authorization === 'Bearer a-token-of-thirty-two-characters')).toBe(
      true,
    );
  });

  test('starts as soon as a region that was down comes', async () => {
    const gone = await openDoor(REGION);
    await gone.close();
    const agent = anAgent(gone.port);
    let started = false;
    void agent.started.then(() => {
      started = true;
    });
    await new Promise(resolve => setImmediate(resolve));
    expect(started).toBe(false);
    const door = await aDoor(gone.port);
    await agent.started;
    await door.call('reportHeartbeats');
  });

  test('is not started while the region refuses one of its hosts', async () => {
    const door = await aDoor();
    let refusals = 0;
    door.answer('reportHost', ({ input }) => {
      const refused = input.hostname === 'compute-2' && refusals++ < 2;
      if (refused) return { host: null, userErrors: [{ code: 'INVALID', message: 'not yet' }] };
      return { host: { id: `lagos-1/${input.hostname}` }, userErrors: [] };
    });
    await anAgent(door.port).started;
    expect(door.calls.filter(call => call.name === 'reportHost')).toHaveLength(5 + 3); // the accepted are not repeated
  });

  test('reports a host again that the region has forgotten, and what it runs', async () => {
    const door = await aDoor();
    await anAgent(door.port).started;
    await door.call('reportHostSoftware');
    let forgotten = false;
    door.answer('reportHeartbeats', () => {
      const unknown = forgotten ? [] : ['lagos-1/compute-0'];
      forgotten = true;
      return { unknown };
    });
    await door.call('reportHost', 2, call => call.input.hostname === 'compute-0');
    await door.call('reportHostSoftware', 2);
    const after = door.calls.length;
    await door.call('reportHeartbeats', 1, call => door.calls.indexOf(call) >= after && call.input.hosts.length === 6);
  });

  test('takes an order only once the region knows that it does, and boots: silent, then up since another boot', async () => {
    const door = await aDoor();
    let answers = 0;
    door.answer('reportTask', () => (++answers === 1 ? new Error('database is away') : { userErrors: [] }));
    await anAgent(door.port, { simulatedBootMs: 1_500 }).started; // long enough for a beat without it on a busy machine
    const before = (await door.call('reportHeartbeats')).input.hosts.find(isCompute).bootId;
    const tasks = [{ id: 'lagos-1/task-1', host: 'lagos-1/compute-0', kind: 'REBOOT' }];
    door.answer('reportHeartbeats', () => ({ unknown: [], tasks: answers < 2 ? tasks : [] }));
    expect((await door.call('reportTask', 2)).input).toEqual({ id: 'lagos-1/task-1', state: 'ACCEPTED' });
    const upToThen = door.calls.filter(call => call.name === 'reportHeartbeats');
    expect(upToThen.every(call => call.input.hosts.some(isCompute))).toBe(true);
    await door.call('reportHeartbeats', 1, call => !call.input.hosts.some(isCompute));
    await door.call('reportHeartbeats', 1, call =>
      call.input.hosts.some((h: Beat) => isCompute(h) && h.bootId !== before),
    );
  });

  test('refuses an order that it does not know', async () => {
    const door = await aDoor();
    const tasks = [{ id: 'lagos-1/task-1', host: 'lagos-1/compute-0', kind: 'DANCE' }];
    door.answer('reportHeartbeats', () => ({ unknown: [], tasks }));
    await anAgent(door.port).started;
    const { input } = await door.call('reportTask');
    expect(input).toMatchObject({ id: 'lagos-1/task-1', state: 'FAILED', message: expect.stringContaining('DANCE') });
  });

  test('beats on while the faults door hangs and the software door refuses', async () => {
    const door = await aDoor();
    door.answer('reportUsage', () => HANG);
    door.answer('raiseAlarm', () => HANG);
    door.answer('reportHostSoftware', () => new Error('broken'));
    await anAgent(door.port).started;
    await door.call('reportUsage');
    const before = door.calls.filter(call => call.name === 'reportHeartbeats').length;
    await door.call('reportHeartbeats', before + 5);
    expect(door.calls.filter(call => call.name === 'reportUsage')).toHaveLength(1); // not a second one on top
    await door.call('reportHostSoftware', 2);
  });

  test('says usage although heartbeats fail, says the failure once, and says when it works again', async () => {
    const lines: { msg: string; subject?: string }[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const door = await aDoor();
    door.answer('reportHeartbeats', () => new Error('database is away'));
    await anAgent(door.port, {}, log).started;
    await door.call('reportHeartbeats', 5);
    await door.call('reportUsage', 2);
    const about = () => lines.filter(line => line.subject === 'reportHeartbeats').map(line => line.msg);
    expect(about()).toEqual(['report failed; trying again']);
    door.answer('reportHeartbeats', () => ({ unknown: [] }));
    const calls = door.calls.filter(call => call.name === 'reportHeartbeats').length;
    await door.call('reportHeartbeats', calls + 3);
    expect(about()).toEqual(['report failed; trying again', 'report works again']);
  });

  test('keeps one region told while another is down', async () => {
    const door = await aDoor();
    const { config, log } = options(door.port);
    const agent = openAgent({
      config: { ...config, doors: { ...config.doors, 'osaka-1': 'http://127.0.0.1:9/osaka-1' } },
      log,
      regions: [REGION, 'osaka-1'],
      simulated: true,
    });
    leftovers.push(() => agent.close());
    await door.call('reportHeartbeats', 3);
  });
});

describe('events', () => {
  const raises = (door: DoorServer) => door.calls.filter(call => call.name === 'raiseAlarm').map(call => call.input);

  test('wait on disk for a region that is away, and are told once when both have come again', async () => {
    const data = aFolder();
    const gone = await openDoor(REGION);
    await gone.close();
    const waiting = 1 + 6; // the standing alarm, and an event for each host that came up
    for (let start = 0; start < 3; start++) {
      const agent = openAgent(options(gone.port, {}, undefined, data));
      await eventually('them to be queued', () => agent.queued()[REGION] === waiting); // the same ones, at every start
      await agent.close();
    }
    const door = await aDoor(gone.port);
    const agent = openAgent(options(gone.port, {}, undefined, data));
    leftovers.push(() => agent.close());
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
    await door.call('reportHeartbeats', 2);
    expect(raises(door)).toMatchObject([{ region: REGION, alarmId: '100.114', idempotencyKey: expect.any(String) }]);
    const events = door.calls.filter(call => call.name === 'reportEvent').map(call => call.input);
    expect(events).toHaveLength(6);
    expect(events[0]).toMatchObject({
      region: REGION,
      eventId: '200.022',
      entityInstanceId: 'host=controller-0.status=online',
      idempotencyKey: expect.any(String),
    });
  });

  test('that a killed agent had queued are told by the next one, under the same key', async () => {
    const data = aFolder();
    const hanging = await aDoor();
    hanging.answer('raiseAlarm', () => HANG);
    const config = path.join(data, 'settings.json');
    const doors = { [REGION]: `http://127.0.0.1:${hanging.port}/${REGION}` };
    fs.writeFileSync(config, JSON.stringify({ data, doors, agent: QUICK, log: { level: 'silent' } }));
    const args = ['--import', 'tsx', 'cli/murmur.ts', 'agent', REGION, '--simulated', '--config', config];
    const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: 'ignore' });
    leftovers.push(async () => child.kill('SIGKILL'));
    const ended = new Promise(resolve => child.once('close', (_, signal) => resolve(signal)));
    await hanging.call('raiseAlarm');
    child.kill('SIGKILL');
    expect(await ended).toBe('SIGKILL');
    const door = await aDoor();
    const agent = openAgent(options(door.port, {}, undefined, data));
    leftovers.push(() => agent.close());
    await door.call('raiseAlarm');
    expect(raises(door)[0]).toEqual(raises(hanging)[0]);
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
    expect(raises(door)).toHaveLength(1);
  });

  test('are tried again while the region has trouble, and given up when it says that they are wrong', async () => {
    const lines: { msg: string; code?: string }[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const door = await aDoor();
    const answers = [new Error('database is away'), new Error('no such region', { cause: 'BAD_USER_INPUT' })];
    door.answer('raiseAlarm', () => answers.shift()!);
    const agent = anAgent(door.port, {}, log);
    await door.call('raiseAlarm', 2);
    await eventually('the queue to be empty', () => agent.queued()[REGION] === 0);
    const [first, second] = raises(door);
    expect(second).toEqual(first);
    await eventually('the refusal to be logged', () =>
      lines.some(line => line.msg === 'region refused an event' && line.code === 'INVALID'),
    );
    expect(raises(door)).toHaveLength(2);
  });
});

describe('closing', () => {
  test('ends at once while every door hangs, and nothing is said after', async () => {
    const door = await aDoor();
    for (const name of ['reportHeartbeats', 'reportUsage', 'reportHostSoftware']) {
      let calls = 0;
      door.answer(name, () => (++calls === 1 && name === 'reportHeartbeats' ? { unknown: [] } : HANG));
    }
    const agent = anAgent(door.port);
    await Promise.all([door.call('reportHeartbeats', 2), door.call('reportUsage'), door.call('reportHostSoftware')]);
    const before = performance.now();
    await agent.close();
    expect(performance.now() - before).toBeLessThan(1_000); // the deadline of the call under way is 5 s
    const calls = door.calls.length;
    await new Promise(resolve => setImmediate(resolve));
    expect(door.calls).toHaveLength(calls);
  });

  test('ends at once while the agent waits for a region that is down', async () => {
    const agent = anAgent(9);
    await new Promise(resolve => setImmediate(resolve));
    const before = performance.now();
    await agent.close();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('a signal ends the start', async () => {
    const stop = new AbortController();
    const starting = startAgent({ ...options(9), signal: stop.signal });
    stop.abort(new Error('stopping'));
    await expect(starting).rejects.toThrow('stopping');
  });
});

describe('a wrong start', () => {
  test('a region without a door is named', async () => {
    await expect(startAgent({ ...options(9), regions: [REGION, 'oslo-1'] })).rejects.toThrow(
      'Region oslo-1 has no door',
    );
  });

  test('a real agent belongs to one region', async () => {
    const two = { ...options(9), regions: [REGION, 'osaka-1'], simulated: false };
    await expect(startAgent(two)).rejects.toThrow('A machine belongs to one region');
  });
});

test('a real agent reports the machine it runs on', async () => {
  const door = await aDoor();
  const agent = await startAgent({ ...options(door.port, { personality: 'WORKER' }), simulated: false });
  leftovers.push(() => agent.close());
  const { input } = await door.call('reportHost');
  expect(input).toMatchObject({ simulated: false, personality: 'WORKER' });
  expect(input.cpu.threads).toBeGreaterThanOrEqual(input.cpu.cores);
  expect(input.memory[0].totalMiB).toBeGreaterThan(0);
  const usage = await door.call('reportUsage');
  expect(usage.input.samples.map((sample: { resource: string }) => sample.resource)).toContain('MEMORY');
  const software = await door.call('reportHostSoftware');
  expect(software.input.hosts[0].release).toMatch(/^[a-z0-9.-]+$/);
});
