// An agent against a door that records: it starts when the region does, keeps its loops apart, and stops when told.
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type AgentOptions, type OpenAgent, openAgent, startAgent } from '../../../agent/main.ts';
import { type ConfigInput, loadConfig } from '../../../runtime/config.ts';
import { type DoorServer, HANG, openDoor } from './door-server.ts';

const REGION = 'lagos-1';
const leftovers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftovers.splice(0).reverse()) await close();
});

async function aDoor(port = 0): Promise<DoorServer> {
  const door = await openDoor(REGION, port);
  leftovers.push(() => door.close());
  return door;
}

const QUICK = { heartbeatMs: 15, usageMs: 20, discoveryMs: 60_000 };

function options(port: number, agent: ConfigInput['agent'] = {}, log = pino({ level: 'silent' })): AgentOptions {
  const doors = { [REGION]: `http://127.0.0.1:${port}/${REGION}` };
  const token = 'a-token-of-thirty-two-characters';
  const config = loadConfig({ env: {}, flags: { doors, auth: { token }, agent: { ...QUICK, ...agent } } });
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
