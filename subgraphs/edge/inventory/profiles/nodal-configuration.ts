// How a host is to be configured: what its CPUs work for, its memory, interfaces, partitions and disks. What comes in
// from operators is checked here as far as that needs no host: forms, names, and what refers to what.
import { z } from 'zod';
import { interfaceFaults } from './interface-rules.ts';

const MOST = 256;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;
const name = z.string().regex(NAME, 'At most 63 letters, digits, - _ and dots, the first a letter or digit.');
const device = z.string().regex(/^\/dev\/[\w./:-]{1,200}$/, 'A device node looks like /dev/sdb.');
const count = z.int().min(0, 'Must not be negative.');
const node = z.int().min(0, 'Must not be negative.').max(63, 'A host has at most 64 NUMA nodes.');

const CpuChecks = z.object({
  node,
  platform: count.default(0),
  shared: count.default(0),
  isolated: count.default(0),
  application: count.nullable().default(null),
});

const MemoryChecks = z.object({
  node,
  platformReservedMiB: count,
  hugePages2M: count.default(0),
  hugePages1G: count.default(0),
});

const InterfaceChecks = z.object({
  name,
  type: z.enum(['ETHERNET', 'VLAN', 'AE', 'VF']),
  class: z.enum(['NONE', 'PLATFORM', 'DATA', 'PCI_PASSTHROUGH', 'PCI_SRIOV']).default('NONE'),
  port: z.string().min(1).max(63).nullable().default(null),
  networks: z.array(name).max(16, 'At most 16 networks.').default([]),
  vlanId: z.int().min(1, 'VLAN ids are 1 to 4094.').max(4_094, 'VLAN ids are 1 to 4094.').nullable().default(null),
  uses: z.array(name).max(8, 'At most 8 interfaces below one.').default([]),
  bondMode: z.enum(['ACTIVE_STANDBY', 'BALANCED', 'LACP']).nullable().default(null),
  vfCount: z.int().min(1, 'At least 1.').nullable().default(null),
  vfDriver: z.enum(['NETDEVICE', 'VFIO']).nullable().default(null),
  mtu: z.int().min(576, 'An MTU is 576 to 9216.').max(9_216, 'An MTU is 576 to 9216.').default(1_500),
});

const PartitionChecks = z.object({ disk: device, name, sizeMiB: z.int().min(1, 'At least 1 MiB.') });

const StorageChecks = z.object({
  disk: device,
  function: z.enum(['OSD', 'JOURNAL', 'NOVA_LOCAL']),
  journal: device.nullable().default(null),
});

export type CpuAssignment = Readonly<z.output<typeof CpuChecks>>;
export type MemoryAssignment = Readonly<z.output<typeof MemoryChecks>>;
export type InterfaceConfiguration = Readonly<z.output<typeof InterfaceChecks>>;
export type PartitionConfiguration = Readonly<z.output<typeof PartitionChecks>>;
export type StorageAssignment = Readonly<z.output<typeof StorageChecks>>;

/** An empty list says nothing: what the host has stays. */
export interface NodalConfiguration {
  readonly cpu: readonly CpuAssignment[];
  readonly memory: readonly MemoryAssignment[];
  readonly interfaces: readonly InterfaceConfiguration[];
  readonly partitions: readonly PartitionConfiguration[];
  readonly storage: readonly StorageAssignment[];
}

export const NOTHING: NodalConfiguration = { cpu: [], memory: [], interfaces: [], partitions: [], storage: [] };

/** What is wrong, and where from the part's own root on. */
export interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const listOf = <T extends z.ZodType>(thing: T) => z.array(thing).max(MOST, `At most ${MOST}.`).default([]);

/** Also fills in what was left out. */
export const NodalConfigurationChecks = z
  .object({
    cpu: listOf(CpuChecks),
    memory: listOf(MemoryChecks),
    interfaces: listOf(InterfaceChecks),
    partitions: listOf(PartitionChecks),
    storage: listOf(StorageChecks),
  })
  .superRefine((configuration, context) => {
    for (const { path, message } of faultsOf(configuration))
      context.addIssue({ code: 'custom', message, path: [...path] });
  });

/** What is wrong whatever the host; paths begin with the section's name. */
export function faultsOf(configuration: NodalConfiguration): Fault[] {
  const { cpu, memory, interfaces, partitions, storage } = configuration;
  const at = (section: keyof NodalConfiguration, faults: readonly Fault[]): Fault[] =>
    faults.map(({ path, message }) => ({ path: [section, ...path], message }));
  return [
    ...at(
      'cpu',
      repeated(cpu, 'node', ({ node }) => node),
    ),
    ...at(
      'memory',
      repeated(memory, 'node', ({ node }) => node),
    ),
    ...at(
      'interfaces',
      repeated(interfaces, 'name', ({ name }) => name),
    ),
    ...at('interfaces', interfaceFaults(interfaces)),
    ...at(
      'partitions',
      repeated(partitions, 'name', ({ disk, name }) => `${name} of ${disk}`),
    ),
    ...at(
      'storage',
      repeated(storage, 'disk', ({ disk }) => disk),
    ),
    ...at('storage', journalFaults(storage)),
    ...at('partitions', sharedDisks(partitions, storage)),
  ];
}

function repeated<T>(list: readonly T[], field: string, keyOf: (thing: T) => string | number): Fault[] {
  const keys = list.map(keyOf);
  return keys.flatMap((key, i) =>
    keys.indexOf(key) === i ? [] : [{ path: [i, field], message: `${key} was said before: say it once.` }],
  );
}

const journalFaults = (storage: readonly StorageAssignment[]): Fault[] =>
  storage.flatMap((assignment, i): Fault[] => {
    const { journal } = assignment;
    if (journal === null) return [];
    if (assignment.function !== 'OSD') return [{ path: [i, 'journal'], message: 'Only an OSD has a journal.' }];
    const isThere = storage.some(other => other.disk === journal && other.function === 'JOURNAL');
    return isThere ? [] : [{ path: [i, 'journal'], message: `Give ${journal} the function JOURNAL too.` }];
  });

/** Storage takes whole disks. */
const sharedDisks = (partitions: readonly PartitionConfiguration[], storage: readonly StorageAssignment[]): Fault[] =>
  partitions.flatMap(({ disk }, i) =>
    storage.some(assignment => assignment.disk === disk)
      ? [{ path: [i, 'disk'], message: `${disk} is given to storage as a whole.` }]
      : [],
  );
