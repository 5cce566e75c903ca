// GraphQL onto workloads: unpack, call, name the outcome.
import type { DataSource } from 'typeorm';
import { makeId } from '../../../../schema/identity.ts';
import { type Connection, connectionOf, type PageArguments, pageOf } from '../../../runtime/connection.ts';
import type { Resolvers } from '../../../runtime/subgraph-schema.ts';
import type { InventoryContext } from '../context.ts';
import type { HostRow } from '../hosts/host.ts';
import type { KubernetesDriver } from './kubernetes/kubernetes-driver.ts';
import type { ClusterView, NodeView } from './kubernetes/node-view.ts';
import type { WorkloadRow } from './workload.ts';
import { keyOfWorkload, listWorkloads, type RegionWorkloadFilter, type WorkloadList } from './workload-store.ts';

export interface WorkloadResolverDeps {
  readonly region: string;
  readonly dataSource: DataSource;
  /** Null when the region has none. */
  readonly cluster: Pick<KubernetesDriver, 'nodeOf' | 'view'> | null;
  now(): Date;
}

export function workloadResolvers({ region, dataSource, cluster, now }: WorkloadResolverDeps): Resolvers {
  const pageFrom = (args: PageArguments) => pageOf(args, ['text', 'uuid']);
  const toConnection = (list: WorkloadList, args: PageArguments): Connection<WorkloadRow> =>
    connectionOf({ ...list, page: pageFrom(args), keyOf: keyOfWorkload, asOf: now().toISOString() });
  const hostOf = (id: string | null, context: InventoryContext) => (id === null ? null : context.hostById.load(id));
  return {
    Region: {
      workloads: async (_: unknown, args: PageArguments & { filter?: RegionWorkloadFilter | null }) =>
        toConnection(await listWorkloads(dataSource, args.filter ?? {}, pageFrom(args)), args),
      kubernetes: () => cluster?.view() ?? null,
    },
    KubernetesCluster: {
      nodes: ({ nodes }: ClusterView, { isHost, ...page }: PageArguments & { isHost?: boolean | null }) =>
        nodes && pageOfNodes(isHost == null ? nodes : nodes.filter(({ hostId }) => (hostId !== null) === isHost), page),
    },
    KubernetesNode: {
      host: ({ hostId }: NodeView, _: unknown, context: InventoryContext) => hostOf(hostId, context),
    },
    Host: {
      kubernetesNode: ({ id }: HostRow) => cluster?.nodeOf(id) ?? null,
      workloads: async (host: HostRow, args: PageArguments, { workloads }: InventoryContext) =>
        toConnection(await workloads.byHost.load({ hostId: host.id, page: pageFrom(args) }), args),
    },
    Workload: {
      id: (workload: WorkloadRow) => makeId(region, workload.id),
      host: ({ hostId }: WorkloadRow, _: unknown, context: InventoryContext) => hostOf(hostId, context),
      target: ({ targetId }: WorkloadRow, _: unknown, context: InventoryContext) => hostOf(targetId, context),
      staysOnHost: ({ stays }: WorkloadRow) => stays,
      disruptionBudget: ({ disruptionGroup }: WorkloadRow, _: unknown, { workloads }: InventoryContext) =>
        disruptionGroup === null ? null : workloads.budget.load(disruptionGroup),
    },
  };
}

function pageOfNodes(nodes: readonly NodeView[], args: PageArguments): Connection<NodeView> {
  const page = pageOf(args, ['text']);
  const after = page.after?.[0];
  const found = nodes.filter(({ name }) => after === undefined || name > after);
  return connectionOf({ found, page, totalCount: nodes.length, keyOf: ({ name }) => [name] });
}
