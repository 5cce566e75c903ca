// A configuration on a made-up /sys, with real programs: what is written, what is refused, and in which words.
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { configureMachine } from '../../../agent/real/configure-machine.ts';
import { aConfiguration, anInterface } from './configurations.ts';
import { createEdgeServer, type Fixture } from './machine-fixture.ts';

let fixture: Fixture;
beforeEach(() => {
  fixture = createEdgeServer();
  fixture.write('sys/class/net/eno1/mtu', '1500');
  fixture.write('sys/class/net/eno2/mtu', '1500');
});
afterEach(() => fixture.remove());

const pagesFile = (node: number, kib: number): string =>
  `devices/system/node/node${node}/hugepages/hugepages-${kib}kB/nr_hugepages`;
const read = (file: string): string => fs.readFileSync(path.join(fixture.sys, file), 'utf8').trim();
const { signal } = new AbortController();

interface Options {
  readonly isRoot?: boolean;
  readonly command?: readonly string[];
  readonly commandMs?: number;
  readonly signal?: AbortSignal;
}
const configure = async (said: Parameters<typeof aConfiguration>[0], options: Options = {}) => {
  const { isRoot = true, command, commandMs = 10_000 } = options;
  const system = { sys: fixture.sys, isRoot };
  const outcomes = await configureMachine(
    { system, command, commandMs },
    aConfiguration(said),
    options.signal ?? signal,
  );
  return Object.fromEntries(outcomes.map(({ part, refusal }) => [part, refusal]));
};
/** A program of the operator's. */
const script = (text: string): readonly string[] => ['sh', '-c', text];

const MEMORY = [{ node: 1, platformReservedMiB: 4_096, hugePages2M: 1_024, hugePages1G: 16 }];

describe('by its own hand an agent', () => {
  test('sets huge pages of the nodes that are named, and MTUs', async () => {
    const interfaces = [anInterface({ mtu: 9_000 }), anInterface({ name: 'data0', port: 'eno2', mtu: 9_100 })];
    expect(await configure({ memory: MEMORY, interfaces })).toEqual({
      'memory[1]': null,
      'interfaces[eno1]': null,
      'interfaces[data0]': null,
    });
    expect([read(pagesFile(1, 2_048)), read(pagesFile(1, 1_048_576))]).toEqual(['1024', '16']);
    expect([read(pagesFile(0, 2_048)), read(pagesFile(0, 1_048_576))]).toEqual(['512', '32']);
    expect([read('class/net/eno1/mtu'), read('class/net/eno2/mtu')]).toEqual(['9000', '9100']);
  });

  test('of a machine without NUMA sets those of the whole', async () => {
    fs.rmSync(path.join(fixture.sys, 'devices/system/node'), { recursive: true });
    fixture.write('sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages', '0');
    const memory = [{ node: 0, platformReservedMiB: 4_096, hugePages2M: 64, hugePages1G: 0 }];
    expect(await configure({ memory })).toEqual({ 'memory[0]': null });
    expect(read('kernel/mm/hugepages/hugepages-2048kB/nr_hugepages')).toBe('64');
  });

  test('writes nothing where it is no root, but sees what is so already', async () => {
    const interfaces = [anInterface({ mtu: 9_000 }), anInterface({ name: 'eno2' })];
    expect(await configure({ memory: MEMORY, interfaces }, { isRoot: false })).toEqual({
      'memory[1]': expect.stringContaining('does not run as root'),
      'interfaces[eno1]': expect.stringContaining('does not run as root'),
      'interfaces[eno2]': null,
    });
    expect(read(pagesFile(1, 1_048_576))).toBe('32');
  });

  test('names what is not there, and does all else', async () => {
    const memory = [...MEMORY, { ...MEMORY[0]!, node: 7 }];
    const interfaces = [anInterface({ name: 'eno9' }), anInterface({ mtu: 9_000 })];
    expect(await configure({ memory, interfaces })).toEqual({
      'memory[1]': null,
      'memory[7]': 'The machine has no huge pages of 2048 KiB on node 7.',
      'interfaces[eno9]': 'The machine has no port eno9.',
      'interfaces[eno1]': null,
    });
  });

  test('never leaves its folder, whatever a port is called', async () => {
    fixture.write('sys/class/mtu', '1500');
    fixture.write('sys/class/net/mtu', '1500');
    const interfaces = [
      anInterface({ name: 'a', port: '..', mtu: 1 }),
      anInterface({ name: 'b', port: '../../class', mtu: 1 }),
    ];
    expect(await configure({ interfaces })).toEqual({
      'interfaces[a]': '.. is no name of a port.',
      'interfaces[b]': '../../class is no name of a port.',
    });
    expect(read('class/mtu')).toBe('1500');
  });

  test.runIf(process.platform === 'linux')('says that the kernel refuses', async () => {
    const file = path.join(fixture.sys, 'class/net/eno1/mtu');
    fs.rmSync(file);
    fs.symlinkSync('/proc/sys/kernel/ngroups_max', file); // a number that nobody may write, not even root
    expect(await configure({ interfaces: [anInterface()] })).toEqual({
      'interfaces[eno1]': expect.stringMatching(/^The kernel refuses 1500 for the MTU of eno1: E[A-Z]+\.$/),
    });
  });

  test('cannot do the rest, and says what could', async () => {
    const cpu = [{ node: 0, platform: 1, shared: 0, isolated: 2, application: null }];
    const partitions = [{ disk: '/dev/sdb', name: 'data', sizeMiB: 100 }];
    const storage = [{ disk: '/dev/sdc', function: 'OSD', journal: null }];
    const interfaces = [
      anInterface(),
      anInterface({ name: 'eno2', vfCount: 4 }),
      anInterface({ name: 'v5', type: 'VLAN' }),
    ];
    const outcomes = await configure({ cpu, partitions, storage, interfaces });
    const refused = Object.keys(outcomes).filter(part => outcomes[part]?.includes('agent.configureCommand'));
    expect(refused).toEqual([
      'interfaces[eno2]',
      'interfaces[v5]',
      'cpu[0]',
      'partitions[/dev/sdb data]',
      'storage[/dev/sdc]',
    ]);
    expect(outcomes['interfaces[eno1]']).toBeNull();
  });
});

describe("the operator's command", () => {
  const cpu = [{ node: 0, platform: 1, shared: 0, isolated: 2, application: null }];

  test('gets the configuration as JSON, and has done the rest when it ends well', async () => {
    const out = path.join(fixture.sys, 'told.json');
    expect(await configure({ cpu, memory: MEMORY }, { command: script(`cat > ${out}`) })).toEqual({
      'cpu[0]': null,
      'memory[1]': null,
    });
    expect(JSON.parse(read('told.json'))).toEqual({ configuration: aConfiguration({ cpu, memory: MEMORY }) });
  });

  test('that fails is told with its code and the last line of its errors; what the agent does by itself is done', async () => {
    const command = script('echo first >&2; echo "no room in grub" >&2; exit 3');
    const outcomes = await configure({ cpu, memory: MEMORY, interfaces: [anInterface({ mtu: 9_000 })] }, { command });
    const refusal = 'agent.configureCommand ended with code 3: no room in grub';
    expect(outcomes).toEqual({ 'cpu[0]': refusal, 'memory[1]': null, 'interfaces[eno1]': refusal });
    expect(read('class/net/eno1/mtu')).toBe('9000');
  });

  test('that hangs is ended, also when it left something running', async () => {
    const outcomes = await configure(
      { cpu },
      { command: script('echo "at step 2" >&2; sleep 5 & sleep 5'), commandMs: 200 },
    );
    expect(outcomes).toEqual({ 'cpu[0]': 'agent.configureCommand did not end within 200 ms: at step 2' });
  });

  test('that is not there, or reads nothing of much, is told', async () => {
    expect(await configure({ cpu }, { command: ['/no/such/program'] })).toEqual({
      'cpu[0]': expect.stringContaining('agent.configureCommand cannot be run: spawn /no/such/program'),
    });
    const interfaces = Array.from({ length: 2_000 }, (_, i) => anInterface({ name: `v${i}`, type: 'VLAN' }));
    expect(new Set(Object.values(await configure({ interfaces }, { command: ['true'] })))).toEqual(new Set([null]));
  });

  test('ends with the agent', async () => {
    const stop = new AbortController();
    const running = configure({ cpu }, { command: script('sleep 5'), signal: stop.signal });
    stop.abort();
    expect(await running).toEqual({ 'cpu[0]': expect.stringContaining('cannot be run') });
  });
});
