// GraphQL onto hosts: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import { isOwnRegion, localId, localUuid } from '../../own-region.ts';
import type { InventoryContext } from '../context.ts';
import type { AgentTaskRow } from '../lifecycle/agent-task.ts';
import type { ListedHost } from './host.ts';
import type { HostReport } from './host-report.ts';
import type { HostService, UpdateHostInput } from './host-service.ts';
import { type Heartbeat, type HostFilter, keyOfHost, listHosts } from './host-store.ts';

export interface HostResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  readonly hosts: HostService;
  now(): Date;
}

interface HeartbeatsInput {
  readonly hosts: readonly Heartbeat[];
  readonly everyMs?: number | null;
}

export function hostResolvers({ region, dataSource, hosts, now }: HostResolverDeps): Resolvers {
  const load = (id: string, context: InventoryContext) => {
    const local = localUuid(region, id);
    return local === null ? null : context.hostById.load(local);
  };
  return {
    Query: {
      host: (_: unknown, { id }: { id: string }, context: InventoryContext) => load(id, context),
    },
    Mutation: {
      updateHost: (_: unknown, { input: { id, ...input } }: { input: UpdateHostInput & { id: string } }) =>
        hosts.update(localId(region, id), input),
      reportHost: (_: unknown, { input }: { input: HostReport }) => hosts.report(input),
      reportBoot: (_: unknown, { input }: { input: { macs: readonly string[] } }) => hosts.boot(input.macs),
      reportHeartbeats: async (_: unknown, { input }: { input: HeartbeatsInput }) => {
        const { unknown, tasks } = await hosts.heartbeats(
          input.hosts.map(beat => ({ ...beat, id: localId(region, beat.id) })),
          input.everyMs,
        );
        return {
          unknown: unknown.map(id => makeId(region, id)),
          tasks,
        };
      },
    },
    Region: {
      __resolveReference: ({ id }: { id: string }) => (isOwnRegion(region, id) ? { id } : null),
      hosts: async (_: unknown, args: PageArguments & { filter?: HostFilter | null }) => {
        const page = pageOf(args, ['text', 'uuid']);
        const list = await listHosts(dataSource, args.filter ?? {}, page);
        return connectionOf({ ...list, page, keyOf: keyOfHost, asOf: now().toISOString() });
      },
    },
    AgentTask: {
      id: ({ id }: AgentTaskRow) => makeId(region, id),
      host: ({ hostId }: AgentTaskRow) => makeId(region, hostId),
    },
    Host: {
      __resolveReference: ({ id }: { id: string }, context: InventoryContext) => load(id, context),
      id: (host: ListedHost) => makeId(region, host.id),
      region: () => ({ id: region }),
    },
  };
}
