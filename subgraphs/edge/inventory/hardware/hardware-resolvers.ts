// GraphQL onto what a host is made of, and onto its history.
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { InventoryContext } from '../context.ts';
import type { ListedHost } from '../hosts/host.ts';
import { assignedFunctions } from '../profiles/cpu-fit.ts';
import type { Cpu, Hardware } from './hardware.ts';

interface OfKind {
  readonly kind?: string | null;
}

interface OfType {
  readonly type?: string | null;
}

/** The CPUs with the host that they are in: its configuration says what they work for. */
interface CpuOfHost extends Cpu {
  readonly hostId: string;
}

type Part<A> = (hardware: Hardware, args: A, host: ListedHost) => unknown;

/** A part of a host's hardware, read for all hosts of the request at once; null for a host whose agent has not reported. */
const of =
  <A = object>(part: Part<A>) =>
  async (host: ListedHost, args: A, context: InventoryContext): Promise<unknown> => {
    const hardware = await context.hardware.hardwareByHost.load(host.id);
    return hardware && part(hardware, args, host);
  };

export const hardwareResolvers = (): Resolvers => ({
  CpuTopology: {
    logicalCpus: async ({ hostId, logicalCpus }: CpuOfHost, _: unknown, { profiles }: InventoryContext) => {
      const applied = logicalCpus && (await profiles.configurationByHost.load(hostId))?.applied;
      if (!applied) return logicalCpus;
      const functions = assignedFunctions(applied.cpu, logicalCpus);
      return logicalCpus.map(cpu => ({ ...cpu, function: functions.get(cpu.number) ?? cpu.function }));
    },
  },
  Host: {
    cpu: of((hardware, _, { id }) => ({ ...hardware.cpu, hostId: id }) satisfies CpuOfHost),
    memory: of(hardware => hardware.memory),
    ports: of(hardware => hardware.ports),
    disks: of(hardware => hardware.disks),
    devices: of<OfKind>(({ devices }, { kind }) => devices.filter(device => !kind || device.kind === kind)),
    interfaces: of<OfType>(({ interfaces }, { type }) => interfaces?.filter(found => !type || found.type === type)),
    volumeGroups: of(hardware => hardware.volumeGroups),
    hardwareChanges: async (host: ListedHost, args: PageArguments, { hardware }: InventoryContext) => {
      const page = pageOf(args, ['sequence']);
      const found = await hardware.changesByHost.load({ hostId: host.id, page });
      const totalCount = () => hardware.changeCountByHost.load(host.id);
      return connectionOf({ found, page, totalCount, keyOf: ({ sequence }) => [sequence] });
    },
  },
});
