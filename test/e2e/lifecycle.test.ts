// Starting and stopping: one signal ends everything, state survives, a second start is refused, parts that die come back.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { isAlive } from '../../launcher/own-process.ts';
import { plannersOf } from '../support/planner-processes.ts';
import { launch, newPlace, type Place, processesOf, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';

const places: Place[] = [];

afterEach(async () => {
  for (const place of places.splice(0)) {
    for (const { pid } of processesOf(place)) process.kill(pid, 'SIGKILL');
    await eventually('no process left over', () => processesOf(place).length === 0);
    place.remove();
  }
});

async function aPlace(): Promise<Place> {
  const place = await newPlace();
  places.push(place);
  return place;
}

const RAISE = `mutation { raiseAlarm(input: { region: "paris-1", alarmId: "300.004", severity: MINOR, entityInstanceId: "host=kept" }) { alarm { id } userErrors { message } } }`;

describe('the whole stack', () => {
  test('started by npm, a SIGTERM to npm stops everything; state survives; --fresh begins anew', {
    timeout: 180_000,
  }, async () => {
    const place = await aPlace();
    const first = await startStack(place, { entry: 'npm' });
    const { data } = await first.ask(RAISE);
    const id: string = data.raiseAlarm.alarm.id;
    for (const text of ['paris-1', 'real agent: this machine', 'simulated', place.url, 'curl'])
      expect(first.output()).toContain(text);
    expect(first.output()).toContain('127.0.0.1 only');
    await first.stop();
    await eventually('no process left over', () => processesOf(place).length === 0);

    const second = await startStack(place);
    expect((await second.ask(`{ alarm(id: "${id}") { entityInstanceId } }`)).data.alarm).toEqual({
      entityInstanceId: 'host=kept',
    });

    const third = launch(place);
    expect(await third.ended).not.toBe(0);
    expect(third.output()).toMatch(/already runs on .*stop it first/s);
    expect((await second.ask('{ regions { totalCount } }')).data.regions.totalCount).toBe(3);
    expect(await second.stop()).toBe(0);
    expect(processesOf(place)).toEqual([]);

    const fresh = await startStack(place, { flags: ['--fresh'] });
    expect((await fresh.ask(`{ alarm(id: "${id}") { entityInstanceId } }`)).data.alarm).toBeNull();
    expect(await fresh.stop()).toBe(0);
  });

  test('parts that die are started again, PostgreSQL too; a launcher killed with -9 leaves no process', {
    timeout: 120_000,
  }, async () => {
    const place = await aPlace();
    const stack = await startStack(place);
    const answers = async (): Promise<boolean> => {
      const { data, errors } = await stack.ask(
        '{ regions { nodes { contact { state } hosts { nodes { hostname } } } } }',
      );
      return !errors && data.regions.nodes.every((r: { contact: { state: string } }) => r.contact.state === 'ONLINE');
    };
    /** Of the gateway that runs; an operation that is new to it needs one. */
    const planners = async (name: string): Promise<number[]> => {
      await stack.ask(`{ ${name}: regions { totalCount } }`);
      const found = stack.pids(' gateway').flatMap(plannersOf);
      expect(found).toHaveLength(1);
      return found;
    };
    const first = await planners('first');
    for (const part of [' region osaka-1', ' fleet', ' gateway', ' agent paris-1']) {
      const [pid] = stack.pids(part);
      process.kill(pid!, 'SIGKILL');
      await eventually(`another process for${part}`, () => stack.pids(part).some(other => other !== pid));
    }
    await eventually('everything answers again', answers);
    await eventually('the planner process went with its gateway', () => !first.some(isAlive));
    const second = await planners('second');
    process.kill(stack.pids('bin/postgres -D')[0] ?? stack.pids('postgres')[0]!, 'SIGKILL');
    await eventually('everything answers after PostgreSQL was killed', answers, 60_000);

    stack.child.kill('SIGKILL');
    await stack.ended;
    await eventually('no process left over', () => processesOf(place).length === 0 && !second.some(isAlive));
  });

  test('runs more regions when asked, the further ones in shared processes', { timeout: 120_000 }, async () => {
    const place = await aPlace();
    const stack = await startStack(place, { flags: ['--regions', '11'] });
    const { data } = await stack.ask('{ regions { totalCount nodes { id contact { state } } } }');
    expect(data.regions.totalCount).toBe(11);
    expect(stack.pids(' region ').length).toBeLessThan(11);
    await stack.stop();
  });
});

describe('a start that cannot be', () => {
  test('names every taken port and how to choose another, and starts nothing', async () => {
    const place = await aPlace();
    const squatter = net.createServer().listen(place.gateway, '127.0.0.1');
    try {
      const refused = launch(place);
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toMatch(new RegExp(`Port ${place.gateway} \\(gateway\\) is taken.*--gateway-port`));
      expect(processesOf(place)).toEqual([]);
    } finally {
      squatter.close();
    }
  });

  test('lists every wrong setting at once', async () => {
    const place = await aPlace();
    const refused = launch(place, {
      env: { MURMUR_GATWAY_PORT: '1', MURMUR_FLEET_PORT: 'x', MURMUR_LOG_LEVEL: 'loud' },
    });
    expect(await refused.ended).toBe(1);
    for (const text of ['MURMUR_GATWAY_PORT', 'did you mean MURMUR_GATEWAY_PORT', 'MURMUR_LOG_LEVEL'])
      expect(refused.output()).toContain(text);
    expect(refused.output()).not.toContain('    at ');
  });

  test('refuses to bind beyond loopback without authentication', async () => {
    const place = await aPlace();
    const refused = launch(place, { env: { MURMUR_HOST: '0.0.0.0' } });
    expect(await refused.ended).toBe(1);
    expect(refused.output()).toContain('MURMUR_AUTH_TOKEN');
  });

  test('leaves a folder alone that is not its own', async () => {
    const place = await aPlace();
    fs.mkdirSync(place.data, { recursive: true });
    const precious = path.join(place.data, 'precious.txt');
    fs.writeFileSync(precious, 'mine');
    for (const flags of [[], ['--fresh']]) {
      const refused = launch(place, { flags });
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toContain(place.data);
      expect(fs.readFileSync(precious, 'utf8')).toBe('mine');
    }
  });
});
