// Regions that die, hang, come back, join and leave while everything runs: each costs only its own fields.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../runtime/config.ts';
import { packageRoot } from '../../schema/sources.ts';
import type { Answer } from '../support/client.ts';
import { newPlace, processesOf, type Stack, startStack } from '../support/stack.ts';
import { eventually } from '../support/wait.ts';

const EVERYTHING = `{ regions { nodes { id name contact { state lastContactAt reason } alarmSummary { major status asOf }
  alarms { totalCount } hosts { nodes { id hostname cpu { model } alarms { nodes { alarmId } } software { release } } } } } }`;

const DEADLINE_MS = 2_000;
const PROMISED_MS = 10_000; // OFFLINE, and whole again, within this

let stack: Stack;
const started: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startStack(await newPlace(), {
    flags: ['--no-supervise'],
    env: { MURMUR_GATEWAY_REGION_DEADLINE_MS: String(DEADLINE_MS) },
  });
});

afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await stack?.stop();
  expect(processesOf(stack.place)).toEqual([]);
  stack?.place.remove();
});

const everything = (): Promise<Answer> => stack.ask(EVERYTHING);

// biome-ignore lint/suspicious/noExplicitAny: an answer's region
const regionIn = (answer: Answer, id: string): any =>
  answer.data.regions.nodes.find((r: { id: string }) => r.id === id);

const whole = (answer: Answer, id: string): boolean =>
  answer.errors === undefined && regionIn(answer, id)?.hosts?.nodes.length > 0;

const contactOf = async (id: string) => regionIn(await everything(), id)?.contact;

/** Starts a part as the launcher does: what `ps` shows can be pasted. */
function startByHand(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['dist/cli/murmur.js', ...args], { cwd: packageRoot, stdio: 'ignore' });
  started.push(child);
  return child;
}

function expectOnlyMissing(answer: Answer, id: string, code: string): void {
  expect(answer.status).toBe(200);
  const index = answer.data.regions.nodes.findIndex((r: { id: string }) => r.id === id);
  const errors = [...(answer.errors ?? [])].sort((a, b) => String(a.path).localeCompare(String(b.path)));
  expect(errors).toMatchObject(
    ['alarms', 'hosts'].map(field => ({ path: ['regions', 'nodes', index, field], extensions: { code, region: id } })),
  );
  expect(regionIn(answer, id)).toMatchObject({ name: expect.any(String), hosts: null, alarms: null });
  for (const region of answer.data.regions.nodes) {
    if (region.id === id) continue;
    expect(region.hosts.nodes.length).toBeGreaterThan(0);
    for (const host of region.hosts.nodes) expect(host).toMatchObject({ cpu: {}, alarms: {}, software: {} });
  }
}

describe('a region whose process is killed', () => {
  test('costs only its own live fields, and its last counts stay with their age', async () => {
    const before = regionIn(await everything(), 'lagos-1').alarmSummary;
    process.kill(stack.pids('region lagos-1')[0]!, 'SIGKILL');
    const answer = await eventually('an answer with errors', async () => {
      const seen = await everything();
      return seen.errors && seen;
    });
    expectOnlyMissing(answer, 'lagos-1', 'REGION_UNREACHABLE');
    const killedAt = Date.now();
    const contact = await eventually(
      'OFFLINE',
      async () => {
        const seen = await contactOf('lagos-1');
        return seen?.state === 'OFFLINE' && seen;
      },
      PROMISED_MS,
    );
    expect(Date.now() - killedAt).toBeLessThanOrEqual(PROMISED_MS);
    expect(contact.reason).toBe('connection refused');
    expect(Date.parse(contact.lastContactAt)).toBeLessThanOrEqual(killedAt);
    expect(regionIn(await everything(), 'lagos-1').alarmSummary).toMatchObject({
      major: before.major,
      status: 'UNKNOWN',
    });
  });

  test('makes the gateway no less ready', async () => {
    await eventually('the gateway names it OFFLINE', async () => {
      const response = await fetch(`http://127.0.0.1:${stack.place.gateway}/health/ready`);
      expect(response.status).toBe(200);
      const { regions } = (await response.json()) as { regions: Record<string, string> };
      return regions['lagos-1'] === 'OFFLINE' && regions['paris-1'] === 'ONLINE';
    });
  });

  test('refuses a mutation with a coded error', async () => {
    const { data, errors } = await stack.ask(
      'mutation { raiseAlarm(input: { region: "lagos-1", alarmId: "100.101", severity: MINOR, entityInstanceId: "host=a" }) { alarm { id } } }',
    );
    expect(data).toEqual({ raiseAlarm: null });
    expect(errors).toMatchObject([
      { path: ['raiseAlarm'], extensions: { code: 'REGION_UNREACHABLE', region: 'lagos-1' } },
    ]);
  });

  test('is whole again soon after it was started by hand, with no other restart', async () => {
    const pids = ['fleet', 'gateway', 'region paris-1', 'agent lagos-1'].map(part => stack.pids(` ${part}`));
    startByHand('region', 'lagos-1', '--config', path.join(stack.place.data, 'stack.json'));
    await eventually(
      'lagos-1 whole and ONLINE',
      async () => {
        const answer = await everything();
        return whole(answer, 'lagos-1') && regionIn(answer, 'lagos-1').contact.state === 'ONLINE';
      },
      PROMISED_MS,
    );
    expect(['fleet', 'gateway', 'region paris-1', 'agent lagos-1'].map(part => stack.pids(` ${part}`))).toEqual(pids);
  });
});

describe('a region that hangs', () => {
  test('costs a query of three hops one deadline, and only its own fields', async () => {
    const [pid] = stack.pids('region osaka-1');
    process.kill(pid!, 'SIGSTOP');
    try {
      const before = performance.now();
      const answer = await everything();
      const took = performance.now() - before;
      expectOnlyMissing(answer, 'osaka-1', 'REGION_TIMEOUT');
      expect(took).toBeGreaterThanOrEqual(DEADLINE_MS * 0.9);
      expect(took).toBeLessThan(DEADLINE_MS * 2); // a second deadline would reach this
      const contact = await eventually('OFFLINE', async () => {
        const seen = await contactOf('osaka-1');
        return seen?.state === 'OFFLINE' && seen;
      });
      expect(contact.reason).toBe('no heartbeat');
    } finally {
      process.kill(pid!, 'SIGCONT');
    }
    await eventually('osaka-1 whole', async () => whole(await everything(), 'osaka-1'));
  });
});

describe('the set of regions', () => {
  const FOURTH = 'quito-1';

  test('grows with addRegion and shrinks with removeRegion while everything runs', async () => {
    const { data: folder, regionBase } = stack.place;
    const settings = JSON.parse(fs.readFileSync(path.join(folder, 'stack.json'), 'utf8')) as ConfigInput;
    const endpoint = `http://127.0.0.1:${regionBase + 9}/${FOURTH}`;
    const file = path.join(folder, 'fourth.json');
    fs.writeFileSync(file, JSON.stringify({ ...settings, doors: { [FOURTH]: endpoint } }));
    startByHand('region', FOURTH, '--config', file);
    startByHand('agent', FOURTH, '--simulated', '--config', file);
    const add =
      'mutation($input: AddRegionInput!) { addRegion(input: $input) { region { id name } userErrors { code message } } }';
    const added = await stack.ask(add, { input: { id: FOURTH, name: 'Quito', endpoint } });
    expect(added.data.addRegion).toEqual({ region: { id: FOURTH, name: 'Quito' }, userErrors: [] });
    await eventually(`${FOURTH} whole and ONLINE`, async () => {
      const answer = await everything();
      return whole(answer, FOURTH) && regionIn(answer, FOURTH).contact.state === 'ONLINE';
    });

    const removed = await stack.ask(`mutation { removeRegion(input: { id: "${FOURTH}" }) { id userErrors { code } } }`);
    expect(removed.data.removeRegion).toEqual({ id: FOURTH, userErrors: [] });
    const answer = await everything();
    expect(answer.errors).toBeUndefined();
    expect(answer.data.regions.nodes.map((r: { id: string }) => r.id)).toEqual(['lagos-1', 'osaka-1', 'paris-1']);
    await eventually('its id unknown to the gateway', async () => {
      const { errors } = await stack.ask(`{ host(id: "${FOURTH}/x") { hostname } }`);
      return errors?.[0]?.extensions.code === 'REGION_UNKNOWN';
    });
  });
});
