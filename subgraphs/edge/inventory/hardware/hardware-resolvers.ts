// GraphQL onto what a host is made of, and onto its history.
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { InventoryContext } from '../context.ts';
import type { HostRow } from '../hosts/host.ts';

interface OfKind {
  readonly kind?: string | null;
}

interface OfType {
  readonly type?: string | null;
}

export const hardwareResolvers = (): Resolvers => ({
  Host: {
    cpu: (host: HostRow) => host.hardware?.cpu,
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
