// How a host is to be configured, as its region's door tells it, and the names of its parts. Holds no behaviour.
import { z } from 'zod';

const Interface = z.object({
  name: z.string(),
  type: z.string(),
  class: z.string(),
  /** Null: named as the interface. */
  port: z.string().nullable(),
  networks: z.array(z.string()),
  vlanId: z.number().nullable(),
  uses: z.array(z.string()),
  bondMode: z.string().nullable(),
  vfCount: z.number().nullable(),
  vfDriver: z.string().nullable(),
  mtu: z.number(),
});

const Memory = z.object({
  node: z.number(),
  platformReservedMiB: z.number(),
  hugePages2M: z.number(),
  hugePages1G: z.number(),
});

export const NodalConfiguration = z.object({
  cpu: z.array(
    z.object({
      node: z.number(),
      platform: z.number(),
      shared: z.number(),
      isolated: z.number(),
      application: z.number().nullable(),
    }),
  ),
  memory: z.array(Memory),
  interfaces: z.array(Interface),
  partitions: z.array(z.object({ disk: z.string(), name: z.string(), sizeMiB: z.number() })),
  storage: z.array(z.object({ disk: z.string(), function: z.string(), journal: z.string().nullable() })),
});

type Told = z.output<typeof NodalConfiguration>;
/** An empty list says nothing: what the host has stays. */
export type NodalConfiguration = { readonly [Section in keyof Told]: readonly Readonly<Told[Section][number]>[] };
export type MemoryAssignment = NodalConfiguration['memory'][number];
export type InterfaceConfiguration = NodalConfiguration['interfaces'][number];

/** What is asked of the door: all of the above. */
export const ASKED_CONFIGURATION = {
  cpu: { node: null, platform: null, shared: null, isolated: null, application: null },
  memory: { node: null, platformReservedMiB: null, hugePages2M: null, hugePages1G: null },
  interfaces: Object.fromEntries(Object.keys(Interface.shape).map(field => [field, null])),
  partitions: { disk: null, name: null, sizeMiB: null },
  storage: { disk: null, function: null, journal: null },
} as const;

/** As the region names them. */
export const partNames = {
  cpu: ({ node }: { readonly node: number }) => `cpu[${node}]`,
  memory: ({ node }: { readonly node: number }) => `memory[${node}]`,
  interfaces: ({ name }: { readonly name: string }) => `interfaces[${name}]`,
  partitions: ({ disk, name }: { readonly disk: string; readonly name: string }) => `partitions[${disk} ${name}]`,
  storage: ({ disk }: { readonly disk: string }) => `storage[${disk}]`,
};

/** The port under an interface, or the interface itself where it stands on others. */
export const deviceOf = ({ type, name, port }: InterfaceConfiguration): string =>
  type === 'ETHERNET' ? (port ?? name) : name;
