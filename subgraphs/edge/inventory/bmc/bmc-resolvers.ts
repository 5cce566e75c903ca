// GraphQL onto BMCs and sensors.
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { InventoryContext } from '../context.ts';
import type { HostRow } from '../hosts/host.ts';
import type { Bmc } from '../provisioning/declaration.ts';
import { keyOfEntry } from './bmc-log-store.ts';

interface BmcOfHost extends Bmc {
  readonly hostId: string;
}

export function bmcResolvers(): Resolvers {
  const learnt =
    <T>(read: (status: NonNullable<Awaited<ReturnType<InventoryContext['bmcByHost']['load']>>>) => T) =>
    async ({ hostId }: BmcOfHost, _: unknown, context: InventoryContext): Promise<T | null> => {
      const status = await context.bmcByHost.load(hostId);
      return status === null ? null : read(status);
    };
  return {
    Host: {
      bmc: (host: HostRow): BmcOfHost | null => (host.bmc === null ? null : { ...host.bmc, hostId: host.id }),
      sensors: async (host: HostRow, _: unknown, context: InventoryContext) => {
        const status = host.bmc === null ? null : await context.bmcByHost.load(host.id);
        return status?.sensors.map(({ thresholds, ...sensor }) => ({
          ...sensor,
          thresholds,
          readAt: status.sensorsAt,
        }));
      },
    },
    Bmc: {
      protocol: learnt(status => status.protocol),
      powerState: learnt(status => status.powerState),
      reachable: learnt(status => status.reachable),
      checkedAt: learnt(status => status.checkedAt),
      lastError: learnt(status => status.lastError),
      log: async ({ hostId }: BmcOfHost, args: PageArguments, context: InventoryContext) => {
        const page = pageOf(args, ['number']);
        return connectionOf({ ...(await context.bmcLogByHost.load({ id: hostId, page })), page, keyOf: keyOfEntry });
      },
    },
  };
}
