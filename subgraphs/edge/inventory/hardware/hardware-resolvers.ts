// GraphQL onto what a host is made of, and onto its history.
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { InventoryContext } from '../context.ts';
import type { HostRow } from '../hosts/host.ts';
import { assignedFunctions } from '../profiles/cpu-fit.ts';
import type { Cpu } from './hardware.ts';

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
    cpu: ({ id, hardware }: HostRow) => hardware && { ...hardware.cpu, hostId: id },
    memory: (host: HostRow) => host.hardware?.memory,
    ports: (host: HostRow) => host.hardware?.ports,
    disks: (host: HostRow) => host.hardware?.disks,
    devices: (host: HostRow, { kind }: OfKind) =>
      host.hardware?.devices.filter(device => !kind || device.kind === kind),
    interfaces: (host: HostRow, { type }: OfType) =>
      host.hardware?.interfaces?.filter(found => !type || found.type === type),
    volumeGroups: (host: HostRow) => host.hardware?.volumeGroups,
    hardwareChanges: async (host: HostRow, args: PageArguments, { hardware }: InventoryContext) => {
      const page = pageOf(args, ['sequence']);
      const found = await hardware.changesByHost.load({ hostId: host.id, page });
      const totalCount = () => hardware.changeCountByHost.load(host.id);
      return connectionOf({ found, page, totalCount, keyOf: ({ sequence }) => [sequence] });
    },
  },
});
