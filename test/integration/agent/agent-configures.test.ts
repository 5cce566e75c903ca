// A real agent on a made-up machine, at the door of a real region: an unlock has it configure the machine, by files of /sys
// and the operator's program, and boot it; what a boot forgets is set again; what dies in the middle goes on.
import fs from 'node:fs';
import path from 'node:path';
import { Agent } from 'undici';
import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../agent/clock.ts';
import { createDoor } from '../../../agent/door-client.ts';
import { keepConfigurations } from '../../../agent/kept-configurations.ts';
import { createEventQueue } from '../../../agent/queue/event-queue.ts';
import { createRealSource } from '../../../agent/real/real-source.ts';
import { releaseDoor } from '../../../agent/release/release-door.ts';
import { type Reporter, startReporter } from '../../../agent/reporter.ts';
import { leftovers } from '../../support/leftovers.ts';
import { quiet } from '../../support/settings.ts';
import { eventually } from '../../support/wait.ts';
import { createEdgeServer } from '../../unit/agent/machine-fixture.ts';
import { ask, type Variables } from '../edge/ask.ts';
import { aHouse, type House } from '../edge/region-house.ts';

const REGION = 'lagos-1';
const left = leftovers();
let house: House;

beforeAll(async () => {
  house = await aHouse([REGION]);
  left.add(() => house.stop());
});

const pagesFile = 'sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages';
const mtuFile = 'sys/class/net/eno2/mtu';

/** A machine with an agent that can be killed; its boot forgets what was set in the kernel only. */
function aMachine() {
  const fixture = createEdgeServer();
  left.add(() => fixture.remove());
  const root = path.dirname(fixture.sys);
  const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8').trim();
  let boots = 1;
  const asBooted = (): void => {
    fixture.write('proc/sys/kernel/random/boot_id', `boot-${boots++}`);
    fixture.write(pagesFile, '4');
    fixture.write(mtuFile, '1500');
    fixture.write('sys/class/net/eno1/mtu', '1500');
  };
  asBooted();
  const gate = path.join(root, 'gate');
  const runs = path.join(root, 'runs');
  const program = `cat > ${root}/told.json; echo run >> ${runs}; while [ ! -e ${gate} ]; do sleep 0.05; done`;
  let running: Reporter | null = null;
  const kill = async (): Promise<void> => {
    await running?.close();
    running = null;
  };
  const start = async (): Promise<void> => {
    const dispatcher = new Agent();
    left.add(() => dispatcher.close());
    const door = createDoor({
      ...{ region: REGION, url: house.door(), headers: {}, dispatcher, clock: systemClock, deadlineMs: 5_000 },
    });
    const source = createRealSource({
      ...{ personality: 'WORKER', now: Date.now, watch: { processes: [], ports: [] } },
      roots: { sys: fixture.sys, proc: fixture.proc, etc: fixture.etc },
      actions: {
        ...{ allowed: true, isRoot: true, command: ['sh', '-c', program], commandMs: 20_000 },
        kept: keepConfigurations(path.join(root, 'kept'), quiet),
        execute: async (...command) => {
          expect(command).toEqual(['systemctl', ['reboot']]);
          void kill().then(asBooted).then(start); // a machine that boots starts its agent
        },
      },
    });
    running = startReporter({
      ...{ region: REGION, source, clock: systemClock, random: Math.random, log: quiet },
      door: releaseDoor({ door, region: REGION, clock: systemClock, log: quiet }),
      queue: createEventQueue({ segments: null, most: 100, log: quiet, newKey: () => 'key' }),
      intervals: { heartbeatMs: 100, usageMs: 60_000, discoveryMs: 60_000, checksMs: 60_000 },
    });
  };
  left.add(() => kill());
  return {
    start,
    kill,
    read,
    has: (file: string): boolean => fs.existsSync(path.join(root, file)),
    letThrough: () => fs.writeFileSync(gate, ''),
    /** How often the operator's program ran. */
    runs: () => (fs.existsSync(runs) ? fs.readFileSync(runs, 'utf8').trim().split('\n').length : 0),
  };
}

const inventory = (query: string, variables: Variables = {}) => ask(house.url('inventory'), query, variables);
const mutate = async (field: string, input: Variables, result = '') => {
  const type = `${field[0]!.toUpperCase()}${field.slice(1)}Input!`;
  const query = `mutation ($input: ${type}) { payload: ${field}(input: $input) { ${result} userErrors { message } } }`;
  const { payload } = await inventory(query, { input });
  expect(payload.userErrors).toEqual([]);
  return payload;
};
const theHost = async () => {
  const { _entities } = await inventory(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Region { hosts { nodes { id administrative availability
       bootId: uptimeSeconds memory { node hugePages { pageSizeKiB total } } ports { name mtu }
       jobs(first: 1) { nodes { action state message } }
       configuration { configurationStatus failures { part message } } } } } } }`,
    { of: [{ __typename: 'Region', id: REGION }] },
  );
  return _entities[0].hosts.nodes[0];
};
const until = (what: string, is: (host: Awaited<ReturnType<typeof theHost>>) => boolean) =>
  eventually(what, async () => {
    const host = await theHost();
    return host && is(host) && host;
  });

test('what is pending is carried out before the boot, over the end of region and agent, and set again after it', async () => {
  const machine = aMachine();
  await machine.start();
  const { id } = await until('the host in service', host => host.availability === 'AVAILABLE');
  await mutate('lockHost', { id });
  await until('the host locked', host => host.administrative === 'LOCKED' && host.availability === 'ONLINE');
  const configuration = {
    memory: [{ node: 1, platformReservedMiB: 4_096, hugePages2M: 512, hugePages1G: 24 }],
    interfaces: [
      { name: 'eno1', type: 'ETHERNET', class: 'PLATFORM', networks: ['mgmt'] },
      { name: 'eno2', type: 'ETHERNET', class: 'DATA', networks: ['physnet0'], mtu: 9_000 },
    ],
  };
  const { profile } = await mutate('createHostProfile', { region: REGION, name: 'p', configuration }, 'profile { id }');
  await mutate('applyHostProfile', { id, profile: profile.id });
  await mutate('unlockHost', { id });
  await eventually('the program to run', () => machine.runs() === 1);
  await machine.kill(); // in the middle of it
  await house.stop();
  await house.start();
  await machine.start();
  await eventually('the program to run again', () => machine.runs() === 2);
  expect(JSON.parse(machine.read('told.json')).configuration.interfaces[1]).toMatchObject({ name: 'eno2', mtu: 9_000 });
  expect(await theHost()).toMatchObject({ configuration: { configurationStatus: 'OUT_OF_DATE' } });
  expect((await theHost()).jobs.nodes[0].message).toContain('carries out its configuration');
  machine.letThrough();
  const host = await until('the host in service again', ({ availability }) => availability === 'AVAILABLE');
  expect(host).toMatchObject({
    administrative: 'UNLOCKED',
    jobs: { nodes: [{ action: 'UNLOCK', state: 'SUCCEEDED' }] },
    configuration: { configurationStatus: 'UP_TO_DATE', failures: [] },
  });
  expect(machine.read('proc/sys/kernel/random/boot_id')).toBe('boot-2');
  expect([machine.read(pagesFile), machine.read(mtuFile)]).toEqual(['24', '9000']); // a boot had forgotten them
  expect(host.memory[1].hugePages).toContainEqual({ pageSizeKiB: 1_048_576, total: 24 });
  expect(host.ports).toContainEqual({ name: 'eno2', mtu: 9_000 });
  expect(machine.runs()).toBe(2); // an order that was under way is not begun a second time
});
